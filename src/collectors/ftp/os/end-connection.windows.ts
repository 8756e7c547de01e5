import { RemovalRefused } from '../../../session-source.js'
import { Refusal } from '../../refusal.js'
import type { ServerConnection } from './end-connection.js'
import { runProgram } from './run-program.js'

/** How the script ends. */
const EXIT = { closed: 0, gone: 3, refused: 4 }

/**
 * Finds the one connection, checks its owner's program, and deletes its control block. State 12 is
 * MIB_TCP_STATE_DELETE_TCB; addresses and ports are in network byte order, as MIB_TCPROW_LH wants them.
 */
const SCRIPT = String.raw`
param([string]$LocalIp, [int]$LocalPort, [string]$PeerIp, [int]$PeerPort, [string]$Program)
$ErrorActionPreference = 'Stop'
$found = @(Get-NetTCPConnection -LocalAddress $LocalIp -LocalPort $LocalPort -RemoteAddress $PeerIp -RemotePort $PeerPort -ErrorAction SilentlyContinue |
  Where-Object { $_.State -ne 'TimeWait' -and $_.State -ne 'Listen' })
if ($found.Count -eq 0) { exit ${EXIT.gone} }
if ($found.Count -gt 1) { [Console]::Error.WriteLine("There are $($found.Count) such connections."); exit ${EXIT.refused} }
$path = (Get-Process -Id $found[0].OwningProcess).Path
if ($path -ne $Program) { [Console]::Error.WriteLine("It belongs to '$path', not to '$Program'."); exit ${EXIT.refused} }
Add-Type -Namespace Tcp -Name Table -MemberDefinition @'
[StructLayout(LayoutKind.Sequential)] public struct Row { public uint State, LocalIp, LocalPort, PeerIp, PeerPort; }
[DllImport("iphlpapi.dll")] public static extern uint SetTcpEntry(ref Row row);
'@
function AsAddress([string]$ip) { [BitConverter]::ToUInt32([Net.IPAddress]::Parse($ip).GetAddressBytes(), 0) }
function AsPort([int]$port) { [uint32]((($port -band 0xff) -shl 8) -bor ($port -shr 8)) }
$row = New-Object Tcp.Table+Row
$row.State = 12
$row.LocalIp = AsAddress $LocalIp; $row.LocalPort = AsPort $LocalPort
$row.PeerIp = AsAddress $PeerIp; $row.PeerPort = AsPort $PeerPort
$code = [Tcp.Table]::SetTcpEntry([ref]$row)
if ($code -ne 0) { [Console]::Error.WriteLine("SetTcpEntry answered $code; it takes an administrator."); exit ${EXIT.refused} }
exit ${EXIT.closed}
`

/**
 * Closes a connection on Windows, IPv4 alone. The script goes in as one encoded argument, and what it is called with is
 * in quotes that it cannot leave: nothing is interpreted by a shell.
 * @throws RemovalRefused where the script refuses; its reason is the message
 */
export async function closeOnWindows(
  { local, peer, program }: ServerConnection,
  signal: AbortSignal,
): Promise<'asked' | 'already-gone'> {
  if ([local, peer].some(({ ip }) => ip.includes(':'))) throw new Refusal('windowsIpv4')
  const args = [quoted(local.ip), local.port, quoted(peer.ip), peer.port, quoted(program)].join(' ')
  const command = Buffer.from(`& {${SCRIPT}} ${args}`, 'utf16le').toString('base64')
  const { code, stderr } = await runProgram(
    'powershell.exe',
    ['-NoProfile', '-NonInteractive', '-EncodedCommand', command],
    signal,
  )
  if (code === EXIT.closed) return 'asked'
  if (code === EXIT.gone) return 'already-gone'
  const said = stderr.trim().slice(0, 500) || `PowerShell ended with ${code}.`
  if (code === EXIT.refused) throw new RemovalRefused(said)
  throw new Error(`The connection could not be closed: ${said}`)
}

/** A text as PowerShell takes it word for word. It takes typographic quotes for quotes as well. */
const quoted = (text: string) => `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`
