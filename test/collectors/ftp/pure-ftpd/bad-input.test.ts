import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PureFtpdOptions, pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { Turn } from '../../../servers/turn.js'
import { expectListHere, expectServer } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd-server.js'

describe('a list that cannot be had', () => {
  let dir: string
  let server: { pid: number; stop(): Promise<void> }
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'pure-ftpwho-'))
    chmodSync(dir, 0o755)
    // pure-ftpwho is not even run where no Pure-FTPd was seen.
    copyFileSync('/bin/sleep', join(dir, 'pure-ftpd'))
    // Whoever tries the real one beside it would see this one.
    server = await new Turn('pure-ftpd').start(async () => {
      const child: ChildProcess = spawn(join(dir, 'pure-ftpd'), ['600'], { stdio: 'ignore' })
      return { pid: child.pid!, stop: async () => void child.kill('SIGKILL') }
    })
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  /** What the source says of a program in the place of pure-ftpwho. */
  async function said(script: string | null): Promise<string> {
    const program = join(dir, script === null ? 'nowhere' : `who-${Math.random()}`)
    if (script !== null) writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return pureFtpd({ program, inetd: true })
      .list(AbortSignal.timeout(15_000))
      .then(
        (sessions) => JSON.stringify(sessions),
        (error: Error) => error.message,
      )
  }
  const asRoot = process.getuid?.() === 0 ? test : test.skip

  asRoot('not installed, or elsewhere', async () => {
    expect(await said(null)).toMatch(/There is no program .*nowhere\. Is Pure-FTPd installed\?.*option `program`/)
  })

  asRoot('no program', async () => {
    expect(await pureFtpd({ program: dir, inetd: true }).list(AbortSignal.timeout(5000)).catch(String)).toMatch(
      /may not be run/,
    )
  })

  asRoot('built without it', async () => {
    const script = 'echo "Please compile the server with --with-ftpwho"; echo "to use this feature. Thank you."'
    expect(await said(script)).toMatch(/built without --with-ftpwho/)
  })

  asRoot.each([
    ['there are no sessions', 'exit 0'],
    ['there was none since the machine began', 'exit 255'],
  ])('%s', async (_, script) => {
    expect(await said(script)).toBe('[]')
  })

  test('not running', async () => {
    const program = join(dir, 'untouched')
    const runs = expectServer(program, () => [process.pid, process.ppid])
    await expect(runs(AbortSignal.timeout(5000))).rejects.toThrow(/^There is no program .*untouched/)
    writeFileSync(program, '')
    await expect(runs(AbortSignal.timeout(5000))).rejects.toThrow(
      /^Pure-FTPd does not run: .* Start it\. .* `inetd: true`.*container, let the back office share its PID namespace/,
    )
  })

  test('not running, where inetd starts it: no session only where there is no entry of one', async () => {
    const program = join(dir, 'run-by-nobody')
    const list = join(dir, 'entries')
    const mayAsk = () => expectListHere(program, () => [process.pid], list)(AbortSignal.timeout(5000))
    await expect(mayAsk()).rejects.toThrow(/^There is no program .*run-by-nobody/)
    writeFileSync(program, '')
    expect(await mayAsk()).toBe(false)
    mkdirSync(list)
    expect(await mayAsk()).toBe(false)
    writeFileSync(join(list, 'client-00004711'), '')
    await expect(mayAsk()).rejects.toThrow(
      /has sessions, and no Pure-FTPd runs here\. .* run by hand.*container, let the back office share its PID namespace/,
    )
  })

  test('where inetd starts it, its list is asked for once some of it was seen, also after that has gone', async () => {
    let pids = [server.pid]
    const mayAsk = expectListHere(join(dir, 'nowhere'), () => pids, dir)
    expect(await mayAsk(AbortSignal.timeout(5000))).toBe(true)
    pids = []
    expect(await mayAsk(AbortSignal.timeout(5000))).toBe(true)
  })

  asRoot("numbers of another machine's processes", async () => {
    const line = `${process.pid}|alice|0|IDLE||::1|::1|21|0|0|0|0`
    expect(await said(`echo '${line}'`)).toMatch(
      /^Pure-FTPd's list has sessions, and none of their processes runs Pure-FTPd here\..*share its PID namespace/,
    )
    // Of one that is no process at all it is only late.
    expect(await said(`echo '${line.replace(/^\d+/, String(2 ** 22 + 1))}'`)).toBe('[]')
  })

  asRoot('not allowed', async () => {
    expect(await said('echo "You must be root to run this. Sorry."; exit 1')).toMatch(
      /Only root may list .* sudoers \(docs\/servers\/pure-ftpd\.md\)\. It says: You must be root/,
    )
  })

  asRoot("another program's output", async () => {
    expect(await said('ls -la /')).toMatch(/printed something that is not Pure-FTPd's list of sessions: line 1 is/)
  })

  asRoot('a changed format', async () => {
    expect(await said('echo "1|alice|0|IDLE||::1|::1|21|0|0|0|0|new"')).toMatch(/a newer adminjs-sessions may know/)
  })

  asRoot('half a list is none', async () => {
    expect(await said('echo "1|alice|0|IDLE||::1|::1|21|0|0|0|0"; echo "2|bo"')).toMatch(/line 2 is "2\|bo"/)
  })

  asRoot('it fails', async () => {
    expect(await said('echo "segmentation fault" >&2; exit 139')).toMatch(/ended with 139.*segmentation fault/s)
  })

  asRoot('it prints no end', async () => {
    expect(await said('exec yes')).toMatch(/printed more than 16 MiB/)
  })

  asRoot('it says nothing, and the signal comes first', async () => {
    const program = join(dir, 'silent')
    writeFileSync(program, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    const stop = new AbortController()
    const listing = pureFtpd({ program, inetd: true }).list(stop.signal)
    stop.abort()
    await expect(listing).rejects.toThrow(/abort/i)
  })

  test.each([
    [{ program: 'pure-ftpwho' }, /pureFtpd: option "program" is "pure-ftpwho"; expected an absolute path/],
    [{ name: '' }, /"name" is ""/],
    [{ inetd: 1 }, /"inetd" is 1; expected true or false/],
    [{ anonymous: 'ftp' }, /"anonymous" is "ftp"; expected a list of logins/],
    [{ accounts: {} }, /"accounts" is an object; expected a function/],
    [{ scoreboard: '/run' }, /no option of that name: scoreboard/],
  ])('a wrong option: %j', (options, message) => {
    expect(() => pureFtpd(options as PureFtpdOptions)).toThrow(TypeError)
    expect(() => pureFtpd(options as PureFtpdOptions)).toThrow(message)
  })
})
