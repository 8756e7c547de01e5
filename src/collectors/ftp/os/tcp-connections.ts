import { type Endpoint, endpointOf } from '../../../text/address.js'
import { runProgram } from './run-program.js'

/** A TCP connection as the kernel knows it. */
export interface Connection {
  /** The number in `/proc/PID/fd/N -> socket:[123]`. */
  inode: string
  local: Endpoint
  peer: Endpoint
  /**
   * Bytes that the other end has confirmed: the only account of a transfer by sendfile(2), which moves a whole file in
   * one call that neither the server nor the file's position tells anything of.
   */
  confirmed: number
  /** Bytes that were handed to the kernel and that the other end has not confirmed yet. */
  underWay: number
  /**
   * For how long nothing has come from the other end, in ms; null where the kernel does not say. Confirmations do not count:
   * who only takes a download is quiet.
   */
  quietFor: number | null
}

/**
 * Every TCP connection of this machine by its socket's inode. One run of `ss` (iproute2), which any user may do, without
 * `-p`, which would walk every process's files.
 *
 * @example
 * const inode = /^socket:\[(\d+)\]$/.exec(openFile.path)?.[1]
 * const connection = (await allConnections(signal))?.get(inode ?? '')
 * const lastActiveAt = connection?.quietFor == null ? null : new Date(Date.now() - connection.quietFor)
 * @throws the signal's reason where it is aborted
 * @returns null where `ss` is not to be had
 * @see ss(8); `tcpi_bytes_acked` and `tcpi_last_data_recv` in linux/tcp.h; RFC 4898,
 * tcpEStatsAppHCThruOctetsAcked
 */
export async function allConnections(signal: AbortSignal): Promise<Map<string, Connection> | null> {
  try {
    const { code, stdout } = await runProgram('ss', ['-tinHOe'], signal)
    return code === 0 ? parseConnections(stdout) : null
  } catch {
    signal.throwIfAborted()
    return null
  }
}

/** Reads what `ss -tinHOe` prints: a connection a line. A line of another shape is passed over. */
export function parseConnections(output: string): Map<string, Connection> {
  const found = new Map<string, Connection>()
  for (const line of output.split('\n')) {
    const [, underWay, local, peer, rest] = LINE.exec(line) ?? []
    const inode = rest && /\bino:([1-9]\d*)/.exec(rest)?.[1]
    const ends = inode && [endpointOf(local!), endpointOf(peer!)]
    if (!ends || !ends[0] || !ends[1]) continue
    const number = (name: string) => Number(new RegExp(`\\b${name}:(\\d+)`).exec(rest!)?.[1] ?? 0)
    found.set(inode, {
      ...{ inode, local: ends[0], peer: ends[1], underWay: Number(underWay) },
      // What is 0 is left out. The one who opened a connection counts its SYN as a byte that was confirmed.
      confirmed: Math.min(number('bytes_acked'), number('bytes_sent')),
      quietFor: /\brto:/.test(rest!) ? number('lastrcv') : null,
    })
  }
  return found
}

const LINE = /^\S+\s+\d+\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/
