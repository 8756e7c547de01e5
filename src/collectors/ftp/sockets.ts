import { run } from './processes.js'

/**
 * How many bytes the other end of each TCP connection has received, by the socket's inode (the number in
 * `/proc/PID/fd/N -> socket:[123]`). The kernel's own account, and the only one of a transfer by sendfile(2), which
 * moves a whole file in one call that neither the server nor the file's position tells anything of.
 *
 * One run of `ss` (iproute2) for all, without `-p`, which would walk every process's files.
 * @returns null where `ss` is not to be had
 * @see ss(8); `tcpi_bytes_acked` in linux/tcp.h, RFC 4898 tcpEStatsAppHCThruOctetsAcked
 */
export async function bytesReceivedByPeers(signal: AbortSignal): Promise<Map<string, number> | null> {
  try {
    const { code, stdout } = await run('ss', ['-tinHOe'], signal)
    return code === 0 ? parseSockets(stdout) : null
  } catch (error) {
    if (signal.aborted) throw error
    return null
  }
}

/** Reads what `ss -tinHOe` prints: a socket a line. */
export function parseSockets(output: string): Map<string, number> {
  const received = new Map<string, number>()
  for (const line of output.split('\n')) {
    const inode = /\bino:(\d+)/.exec(line)?.[1]
    if (!inode) continue
    // Both are left out while they are 0. The one who opened a connection counts its SYN as a byte that was received.
    const acked = Number(/\bbytes_acked:(\d+)/.exec(line)?.[1] ?? 0)
    const sent = Number(/\bbytes_sent:(\d+)/.exec(line)?.[1] ?? 0)
    received.set(inode, Math.min(acked, sent))
  }
  return received
}
