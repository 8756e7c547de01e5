import { isIP } from 'node:net'
import { type Endpoint, endpointOf, endpointText, ipOf } from '../../../text/address.js'
import { Refusal } from '../../refusal.js'
import { closeOnWindows } from './end-connection.windows.js'
import { executableOf } from './proc.js'
import { runProgram } from './run-program.js'

/** One TCP connection of a server, and whose it must be. */
export interface ServerConnection {
  /** The server's end. */
  local: Endpoint
  /** The client's end. */
  peer: Endpoint
  /** The path of the server's program: the connection must belong to a process that runs it. */
  program: string
}

/**
 * Ends one session by closing its TCP connection from outside: for servers that offer no way of ending a session, where
 * both ends of its connection are known. The other end sees a reset.
 *
 * It closes exactly one connection, by both addresses and both ports, after making sure that it belongs to a process of
 * the server's program; otherwise it refuses.
 *
 * Linux: `ss -K` (iproute2), as root or with CAP_NET_ADMIN, and a kernel with CONFIG_INET_DIAG_DESTROY, which
 * distributions' kernels have. Windows: `SetTcpEntry`, which knows IPv4 alone, from PowerShell, as an administrator.
 *
 * @returns `'asked'` where it was closed, `'already-gone'` where there is no such connection
 * @throws TypeError where an address or port is none
 * @throws RemovalRefused where it is another program's connection, or may not be looked at or closed
 * @example
 * await endConnection(
 *   { local: { ip: '192.0.2.1', port: 21 }, peer: { ip: '198.51.100.7', port: 50123 }, program: '/usr/sbin/my-ftpd' },
 *   signal,
 * )
 * @see ss(8); https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-settcpentry
 */
export async function endConnection(
  connection: ServerConnection,
  signal: AbortSignal,
): Promise<'asked' | 'already-gone'> {
  checkEnd('local', connection.local)
  checkEnd('peer', connection.peer)
  if (process.platform === 'win32') return closeOnWindows(connection, signal)
  if (process.platform === 'linux') return closeOnLinux(connection, signal)
  throw new Refusal('connectionElsewhere', { platform: process.platform })
}

function checkEnd(which: string, { ip, port }: Endpoint): void {
  if (isIP(ip) && Number.isInteger(port) && port > 0 && port < 65_536) return
  throw new TypeError(
    `endConnection: \`${which}\` is ${JSON.stringify({ ip, port })}, where an IP address and a port from 1 to 65535 were expected.`,
  )
}

async function closeOnLinux(connection: ServerConnection, signal: AbortSignal): Promise<'asked' | 'already-gone'> {
  const found = await find(connection, ['-p'], signal)
  if (!found) return 'already-gone'
  const why = whyNotOurs(found, connection)
  if (why) throw why
  const closed = await find(connection, ['-K'], signal)
  if (closed) return 'asked'
  // ss says nothing and ends with 0 also where the kernel did not let it.
  if (!(await find(connection, [], signal))) return 'already-gone'
  throw new Refusal('connectionNotClosed', {
    local: endpointText(connection.local),
    peer: endpointText(connection.peer),
  })
}

/** The line that `ss` prints of this very connection, or null where there is none. */
async function find({ local, peer }: ServerConnection, flags: string[], signal: AbortSignal): Promise<string | null> {
  const filter = ['state', 'connected', 'exclude', 'time-wait', 'src', endpointText(local), 'dst', endpointText(peer)]
  const { code, stdout, stderr } = await runProgram('ss', ['-tnHO', ...flags, ...filter], signal)
  if (code !== 0) throw new Error(`ss could not look for a connection: ${stderr.trim() || `it ended with ${code}`}`)
  const lines = stdout.split('\n').filter((line) => line !== '')
  const same = lines.filter((line) => {
    const [from, to] = line.trim().split(/\s+/).slice(3, 5).map(endpointOf)
    return isSame(from, local) && isSame(to, peer)
  })
  if (lines.length > 1 || same.length !== lines.length) {
    const found = lines.length
    throw new Refusal('connectionNotOne', {
      local: endpointText(local),
      peer: endpointText(peer),
      found,
      lines: lines.join('; ').slice(0, 300),
    })
  }
  return lines[0] ?? null
}

function isSame(found: Endpoint | null | undefined, wanted: Endpoint): boolean {
  return found?.ip === ipOf(wanted.ip) && found?.port === wanted.port
}

function whyNotOurs(line: string, { program, ...connection }: ServerConnection): Refusal | null {
  const pids = [...line.matchAll(/\bpid=(\d+),/g)].map((match) => Number(match[1]))
  const local = endpointText(connection.local)
  const peer = endpointText(connection.peer)
  if (pids.length === 0) return new Refusal('connectionUnseen', { local, peer })
  const programs = [...new Set(pids.map(executableOf))]
  if (programs.includes(null)) return new Refusal('connectionProgramUnseen', { local, peer })
  const other = programs.find((one) => one !== program)
  return other == null ? null : new Refusal('connectionOfAnother', { local, peer, other, program })
}
