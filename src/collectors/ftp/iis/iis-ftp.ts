import { join } from 'node:path'
import { Refusal } from '../../refusal.js'
import { type LogOptions, logServer, type LogSource } from '../log/log-server.js'
import type { LoggedConnection } from '../log/sessions-from-events.js'
import { w3c } from '../log/w3c.js'
import { runProgram } from '../os/run-program.js'

/** Options of `iisFtp`. */
export interface IisFtpOptions extends Omit<LogOptions, 'timeZone'> {
  /** @default 'iis-ftp' */
  name?: string
}

/** What IIS's FTP service logs beside FTP's commands, which it logs when they are over; the session ends with its channel. */
const grammar = w3c({
  methods: {
    CONTROLCHANNELOPENED: { event: 'connected' },
    CONTROLCHANNELCLOSED: { event: 'closed' },
    DATACHANNELOPENED: { event: 'transfer-began' },
    DATACHANNELCLOSED: { event: 'transfer-ended' },
    QUIT: { event: 'active' },
  },
})

/**
 * The sessions of an FTP site of IIS 7 to 10, as its W3C log tells of them; its times are UTC. The columns must have
 * `x-session`, and `x-fullpath` for the directory. A session is ended by its `Terminate`, through PowerShell on the same
 * machine, by an administrator.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * iisFtp({ log: 'C:\\inetpub\\logs\\LogFiles\\FTPSVC2\\u_ex*.log' })
 * @see https://learn.microsoft.com/en-us/iis/configuration/system.applicationhost/sites/site/ftpserver/sessions/session
 */
export function iisFtp({ name = 'iis-ftp', end = terminate, ...options }: IisFtpOptions): LogSource {
  const endsBy = end === terminate ? "IIS's own Terminate, through PowerShell." : undefined
  return logServer({ name, grammar, end, endsBy, timeZone: 'UTC', ...options })
}

/**
 * Finds the session among those of all sites and calls its Terminate. The id comes in by the environment: nothing of it is
 * ever part of a command.
 * @see https://learn.microsoft.com/en-us/dotnet/api/microsoft.web.administration.configurationmethodinstance.execute
 */
const terminateScript = `
$ErrorActionPreference = 'Stop'
Add-Type -Path "$env:windir\\System32\\inetsrv\\Microsoft.Web.Administration.dll"
$manager = New-Object Microsoft.Web.Administration.ServerManager
$sites = $manager.GetApplicationHostConfiguration().GetSection('system.applicationHost/sites').GetCollection()
foreach ($site in $sites) {
  $sessions = $site.GetChildElement('ftpServer').GetChildElement('sessions').GetCollection()
  foreach ($session in $sessions) {
    if ($session['sessionId'] -ne $env:ADMINJS_SESSIONS_FTP_SESSION) { continue }
    $session.Methods['Terminate'].CreateInstance().Execute()
    'asked'
    exit
  }
}
'already-gone'
`

async function terminate(
  { handle }: { handle: LoggedConnection },
  signal: AbortSignal,
): Promise<'asked' | 'already-gone'> {
  const id = handle.session ?? ''
  if (!GUID.test(id)) {
    throw new Refusal('iisNoColumn')
  }
  if (process.platform !== 'win32') {
    throw new Refusal('iisElsewhere')
  }
  const powershell = join(process.env.windir ?? 'C:\\Windows', 'System32\\WindowsPowerShell\\v1.0\\powershell.exe')
  const args = ['-NoProfile', '-NonInteractive', '-Command', terminateScript]
  const env = { ...process.env, ADMINJS_SESSIONS_FTP_SESSION: id }
  const { code, stdout, stderr } = await runProgram(powershell, args, signal, { timeout: 15_000, env })
  const answer = stdout.trim()
  if (code === 0 && (answer === 'asked' || answer === 'already-gone')) return answer
  const said = JSON.stringify((stderr.trim() || answer).slice(0, 200))
  throw new Error(`PowerShell ended with ${code} and ${said}, where the end of a session was asked for.`)
}

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
