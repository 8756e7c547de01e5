import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { FtpSource, ListedFtpSession } from '../../../session-source.js'
import { checkOptions, kindOf, optionsOf, sourceName, text } from '../../check-options.js'
import { Refusal } from '../../refusal.js'
import { type AccountOptions, accountOptions, accountWarnings, ownersOf } from '../shared/accounts.js'
import { type Connection, connectionsIn, fieldsOf } from './connections.js'
import { expectOk, jsonOf, sftpgoApi, type SftpgoLogon } from './rest-api.js'

export type { SftpgoLogon } from './rest-api.js'

/** Options of `sftpgo`. */
export type SftpgoOptions = {
  /**
   * Where SFTPGo's web interface is, without `/api/v2`. Of several nodes any one: it tells of all.
   * @example 'http://127.0.0.1:8080'
   */
  url: string
  /**
   * The source's name, unique on its host: give each SFTPGo, or each cluster of them, its own.
   * @default 'sftpgo'
   */
  name?: string
} & SftpgoLogon &
  Pick<AccountOptions, 'accounts'>

const common = {
  url: text("where SFTPGo's web interface is, 'http://127.0.0.1:8080', no login", isBareUrl),
  name: sourceName.default('sftpgo'),
  accounts: accountOptions.accounts,
}
const leftOut = z.undefined({ error: 'to be left out where there is an apiKey' }).optional()

const withKey = optionsOf({
  ...common,
  apiKey: text('a key as SFTPGo showed it', (key) => /^[!-~]+$/.test(key)),
  username: leftOut,
  password: leftOut,
})
const withPassword = optionsOf({
  ...common,
  apiKey: z.undefined().optional(),
  username: text('the name of an administrator, or an apiKey instead', (name) => !name.includes(':')),
  password: text("that administrator's password"),
})

function isBareUrl(url: string): boolean {
  const { protocol, username, password, search, hash } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  return /^https?:$/.test(protocol) && !username && !password && !search && !hash
}

/** What it finds it does not show: that may be a secret. */
function checked(options: SftpgoOptions) {
  const shape = options?.apiKey === undefined ? withPassword : withKey
  const { url, name, accounts, ...logon } = checkOptions('sftpgo', shape, options, kindOf)
  const base = new URL(url)
  base.pathname = base.pathname.replace(/\/*$/, '/')
  return { base, name, accounts, logon: logon as SftpgoLogon }
}

/**
 * The sessions of an SFTPGo, or of all its nodes, over its REST API. Its administrator needs the permissions
 * `view_conns` and, to end sessions, `close_conns`: see docs/servers/sftpgo.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * sftpgo({ url: 'http://127.0.0.1:8080', apiKey: process.env.SFTPGO_API_KEY! })
 * @example
 * sftpgo({ url: 'https://files.example.org', username: 'adminjs', password: process.env.SFTPGO_PASSWORD! })
 * @see https://github.com/drakkan/sftpgo/blob/main/openapi/openapi.yaml /connections
 */
export function sftpgo(options: SftpgoOptions): FtpSource {
  const { base, name, accounts, logon } = checked(options)
  // SFTPGo has no anonymous logins of its own.
  const addOwners = ownersOf(name, { anonymous: [], accounts })
  const request = sftpgoApi(base, logon)
  let seen = new Map<string, KnownConnection>()

  async function connections(signal: AbortSignal): Promise<Connection[]> {
    const answer = await request('GET', 'connections', signal)
    if (answer.status === 403) {
      throw new Error(
        'SFTPGo does not let this administrator see connections (HTTP 403): give it the permission view_conns, and let ' +
          "its list of allowed addresses hold this machine's.",
      )
    }
    return connectionsIn(jsonOf(expectOk(answer, 'its connections', base, logon), base))
  }

  async function list(signal: AbortSignal): Promise<ListedFtpSession[]> {
    const listed = await connections(signal)
    const now = Date.now()
    const next = listed.map((connection) => see(connection, seen, now))
    seen = new Map(next.map((one) => [placeOf(one.connection), one]))
    return addOwners(
      next.map(({ session }) => session),
      signal,
    )
  }

  async function end(
    { handle }: ListedFtpSession,
    signal: AbortSignal,
    fresh: () => Promise<ListedFtpSession[]>,
  ): Promise<'asked' | 'already-gone'> {
    const meant = handle as Connection
    const isMeant = (one: Connection) => placeOf(one) === placeOf(meant)
    signal.throwIfAborted()
    const found = (await fresh()).map((session) => session.handle as Connection).find(isMeant)
    if (!found) return 'already-gone'
    if (found.username !== meant.username || found.connectedAtMs !== meant.connectedAtMs) {
      throw new Refusal('loggedOnAnew', { id: meant.id })
    }
    const node = meant.node === '' ? '' : `?node=${encodeURIComponent(meant.node)}`
    const answer = await request('DELETE', `connections/${encodeURIComponent(meant.id)}${node}`, signal)
    if (answer.status === 403) {
      throw new Refusal('sftpgoNoRight')
    }
    if (answer.status === 404) {
      // So it also says where another node would not listen: only a list from after that can tell.
      if (!(await connections(signal)).some(isMeant)) return 'already-gone'
      throw new Error(
        `SFTPGo did not find connection ${meant.id}, though it lists it: look into the log of ${meant.node || 'SFTPGo'}.`,
      )
    }
    expectOk(answer, 'the end of a connection', base, logon)
    return 'asked'
  }

  return {
    ...{ name, kind: 'ftp', evidence: 'live', list, end, endsBy: 'DELETE of its connection through the REST API.' },
    ...accountWarnings({ accounts }),
  }
}

/** A connection as it was listed last. */
interface KnownConnection {
  session: ListedFtpSession
  connection: Connection
}

/** Where a connection is: the same as long as it lives, but a later one may be given the same. */
function placeOf({ node, id, remoteAddress }: Connection): string {
  return JSON.stringify([node, id, remoteAddress])
}

function see(connection: Connection, seen: Map<string, KnownConnection>, now: number): KnownConnection {
  const before = seen.get(placeOf(connection))
  const same = before !== undefined && isSame(before.connection, connection)
  // Times are told by the node's clock. Once set right, one stays as it is: the skew is never measured twice alike.
  const rightly = (ms: number) => new Date(ms + (connection.nowMs === null ? 0 : now - connection.nowMs))
  const { activeAtMs, connectedAtMs } = connection
  const wasActive = same && before.connection.activeAtMs === activeAtMs
  return {
    connection,
    session: {
      key: same ? before.session.key : keyOf(connection),
      handle: connection,
      ...fieldsOf(connection),
      connectedAt: same ? before.session.connectedAt : rightly(connectedAtMs),
      lastActiveAt: wasActive ? before.session.lastActiveAt : activeAtMs === null ? null : rightly(activeAtMs),
    },
  }
}

/** SFTPGo gives an FTP connection a new time when it logs on; it is the same session as before the logon. */
function isSame(before: Connection, now: Connection): boolean {
  return before.connectedAtMs === now.connectedAtMs || before.username === ''
}

/**
 * SFTPGo counts its FTP connections from 1 after each start and on each node, so its ids come again
 * (internal/ftpd/server.go): the node and the time make them unique, and the hash makes them short and harmless.
 */
function keyOf({ node, id, connectedAtMs }: Connection): string {
  return createHash('sha256')
    .update(JSON.stringify([node, id, connectedAtMs]))
    .digest('hex')
}
