import type { ListedFtpSession } from '../../../session-source.js'
import { endpointOf, ipOf } from '../../../text/address.js'
import { decodeName } from '../../../text/decode-name.js'

/** One of SFTPGo's connections, as far as it is used. Times are ms since 1970 by the clock of its node. */
export interface Connection {
  id: string
  /** Empty where SFTPGo is one alone. */
  node: string
  /** Empty before an FTP client has logged on. */
  username: string
  /** IP and port, or an IP alone. */
  remoteAddress: string
  protocol: string
  connectedAtMs: number
  activeAtMs: number | null
  /** The node's own time; older versions do not tell it. */
  nowMs: number | null
  /** The last command, which need not be running. */
  command: string
  transfers: Transfer[]
}

interface Transfer {
  type: string
  path: string
  /** Bytes moved; where a transfer was resumed, without those from before. */
  bytes: number | null
  beganAtMs: number
}

/**
 * The connections in an answer of `GET /api/v2/connections`.
 *
 * @throws where it is no such list; one entry without an id or a time makes the whole of it worth nothing
 * @see https://github.com/drakkan/sftpgo/blob/main/openapi/openapi.yaml ConnectionStatus and Transfer; `node` and
 * `current_time` are in its source alone (internal/common/common.go)
 */
export function connectionsIn(answer: unknown): Connection[] {
  if (!Array.isArray(answer)) throw new Error(`SFTPGo's list of connections ${CHANGED}: it is no list.`)
  return answer.map((entry: unknown, index) => {
    const { connection_id: id, connection_time: connectedAtMs, ...rest } = (entry ?? {}) as Record<string, unknown>
    if (typeof id !== 'string' || id === '') throw new Error(unexpected(index, 'connection_id', id))
    if (!isTime(connectedAtMs)) throw new Error(unexpected(index, 'connection_time', connectedAtMs))
    if (typeof rest.username !== 'string') throw new Error(unexpected(index, 'username', rest.username))
    return {
      ...{ id, connectedAtMs, username: rest.username },
      node: textOf(rest.node),
      remoteAddress: textOf(rest.remote_address),
      protocol: textOf(rest.protocol),
      activeAtMs: isTime(rest.last_activity) ? rest.last_activity : null,
      nowMs: isTime(rest.current_time) ? rest.current_time : null,
      command: textOf(rest.command),
      transfers: Array.isArray(rest.active_transfers) ? rest.active_transfers.map(transferOf) : [],
    }
  })
}

/** What a connection shows, but for its key, its times and whose it is. */
export function fieldsOf(connection: Connection): Omit<ListedFtpSession, 'key'> {
  const { username, protocol, command, remoteAddress } = connection
  const transfer = oldestOf(connection.transfers)
  // An SSH connection lives no longer than its command; of the others the last command is told, long after it has ended.
  const runs = transfer !== null || protocol === 'SSH'
  return {
    ...{ location: null, totalBytes: null },
    login: username === '' ? null : shown(username),
    // Without a port behind a proxy.
    ip: ipOf(remoteAddress) ?? endpointOf(remoteAddress)?.ip ?? null,
    protocol: PROTOCOLS.get(protocol) ?? null,
    status:
      username === '' ? 'authenticating' : transfer ? (STATUSES.get(transfer.type) ?? 'busy') : runs ? 'busy' : 'idle',
    command: runs && command !== '' ? shown(command) : null,
    fileName: transfer && transfer.path !== '' ? shown(transfer.path) : null,
    transferredBytes: transfer?.bytes ?? null,
  }
}

/** SFTP, SCP and commands all run over SSH. Whether FTP is encrypted is not told; WebDAV and HTTP are no FTP at all. */
const PROTOCOLS = new Map([
  ['FTP', 'ftp' as const],
  ['SFTP', 'sftp' as const],
  ['SCP', 'sftp' as const],
  ['SSH', 'sftp' as const],
])
const STATUSES = new Map([
  ['upload', 'uploading' as const],
  ['download', 'downloading' as const],
])

/** An SFTP client may move many files at once: the one that began first is shown, until it has ended. */
function oldestOf(transfers: Transfer[]): Transfer | null {
  return transfers.reduce<Transfer | null>(
    (oldest, one) => (oldest === null || one.beganAtMs < oldest.beganAtMs ? one : oldest),
    null,
  )
}

function transferOf(entry: unknown): Transfer {
  const { operation_type, path, size, start_time } = (entry ?? {}) as Record<string, unknown>
  return {
    type: textOf(operation_type),
    path: textOf(path),
    bytes: Number.isSafeInteger(size) && (size as number) >= 0 ? (size as number) : null,
    beganAtMs: isTime(start_time) ? start_time : Infinity,
  }
}

const CHANGED = 'is not as expected, as if this version had changed it'

function unexpected(index: number, field: string, found: unknown): string {
  const what = shown((JSON.stringify(found) ?? 'missing').slice(0, 60))
  return `SFTPGo's list of connections ${CHANGED}: ${field} of entry ${index + 1} is ${what}.`
}

/** A time in ms since 1970 that a Date can hold; 0 is Go's way to say none. */
const isTime = (value: unknown): value is number => typeof value === 'number' && value > 0 && value <= 8.64e15
const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
const shown = (text: string) => decodeName(Buffer.from(text))
