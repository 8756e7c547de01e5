// `node scripts/try-gene6-script.mjs`: runs docs/servers/gene6-sessions.vbs under wine's cscript with stand-ins for Gene6's
// Client and Domain, and reads what it wrote with gene6(). Needs Debian's wine and a build; no part of the everyday tests.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gene6 } from '../dist/collectors/ftp/gene6/gene6.js'

const directory = mkdtempSync(join(tmpdir(), 'try-gene6-'))
const spool = join(directory, 'gene6.jsonl')
const kicks = join(directory, 'kicks')
mkdirSync(kicks)
const env = {
  ...process.env,
  WINEPREFIX: join(directory, 'wine'),
  WINEDEBUG: '-all',
  WINEDLLOVERRIDES: 'mscoree=d;mshtml=d;winemenubuilder.exe=d',
  DISPLAY: '',
}
const windowsPath = (path) => `Z:${path.replaceAll('/', '\\')}`

const script = readFileSync(new URL('../docs/servers/gene6-sessions.vbs', import.meta.url), 'utf8')
  .replace(/^Const SPOOL = .*$/m, () => `Const SPOOL = "${windowsPath(spool)}"`)
  .replace(/^Const KICKS = .*$/m, () => `Const KICKS = "${windowsPath(kicks)}"`)

// Wine 8 has no AscW; its Asc is that of Windows-1252, so one of its characters stands for one beyond.
const standIns = `
Class ClientStandIn
  Public PeerIP
  Public Username
  Public Sub Kick()
    WScript.Echo "kicked " & PeerIP
  End Sub
End Class
Class DomainStandIn
  Public Name
  Public Sub WriteLog(text)
    WScript.Echo "log " & text
  End Sub
End Class
Function AscW(character)
  AscW = Asc(character)
  If AscW = 164 Then AscW = &H76EE
End Function
Dim Client, Domain
Set Client = New ClientStandIn
Set Domain = New DomainStandIn
Domain.Name = "example.com"
Client.PeerIP = "192.0.2.1"
Client.Username = ""
`

/** Runs the script, then these lines of VBScript; gives what they echoed. */
function run(...lines) {
  const path = join(directory, 'run.vbs')
  // Declarations come first, as Gene6's objects are there before the script is.
  writeFileSync(
    path,
    script.replace('Option Explicit', () => `Option Explicit\n${standIns}`) + lines.join('\n') + '\n',
    'latin1',
  )
  const { status, stdout, error } = spawnSync('wine', ['cscript.exe', '//nologo', windowsPath(path)], {
    env,
    encoding: 'utf8',
    timeout: 120_000,
  })
  if (error) throw error
  assert.equal(status, 0, stdout)
  return stdout.replaceAll('\r', '').trim()
}

try {
  const { signal } = new AbortController()
  const source = gene6({ spool, kicks })
  const login = 'Client.Username = "o""br\\ien\u00e9\u00a4"'

  assert.equal(run('OnDomainStarted', 'OnClientConnected', login, 'OnClientLoggedIn', 'OnDirListed'), '')
  let [session] = await source.list(signal)
  assert.equal(session.login, 'o"br\\ien\u00e9\u76ee')
  assert.deepEqual([session.ip, session.domain, session.status], ['192.0.2.1', 'example.com', 'idle'])
  assert.ok(Math.abs(Date.now() - session.connectedAt) < 120_000)
  console.log('What the script tells is read:', session.login, session.ip, session.domain)

  const asked = () => readdirSync(kicks).length
  assert.equal(await source.end(session, signal), 'asked')
  assert.equal(asked(), 1)
  assert.equal(run('Client.PeerIP = "192.0.2.2"', login, 'OnFileDownloaded'), '')
  assert.equal(run(login, 'OnClientConnected', 'OnFileDownloaded', 'OnFileDownloaded'), 'kicked 192.0.2.1')
  assert.equal(asked(), 0)
  console.log('Kicked is who was asked for, once, and nobody else.')

  assert.equal(await source.end(session, signal), 'asked')
  assert.equal(run(login, 'OnClientDisconnected', 'OnClientConnected', 'OnClientLoggedIn', 'OnDirListed'), '')
  assert.equal(asked(), 0)
  console.log('Whoever has left and come back is not kicked.')

  appendFileSync(spool, ' '.repeat(16_000_000))
  assert.equal(run(login, 'OnClientDisconnected'), '')
  assert.ok(existsSync(`${spool}.1`) && statSync(spool).size < 1000)
  console.log('A long spool is put aside.')
} finally {
  rmSync(directory, { recursive: true, force: true })
}
