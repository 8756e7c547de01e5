import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, readdirSync, readFileSync } from 'node:fs'
import { processStat } from '../../../../src/collectors/ftp/os/proc.js'
import type { SessionIdentity } from '../../../../src/collectors/ftp/proftpd/end-proftpd-session.js'
import { pretendProftpd } from '../../../servers/pretended-proftpd.js'
import { isRunning, proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { RawClient } from './raw-client.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const NOBODY = 65_534
const SOURCE = 'proftpd/proftpd.js#proftpd'

const missing = proftpdMissing ?? sudoMissing()

function sudoMissing(): string | null {
  try {
    execFileSync('sudo', ['-V'], { stdio: 'ignore' })
    return null
  } catch {
    return 'no sudo on the PATH (apt-get install sudo)'
  }
}

const describeReal = missing ? describe.skip : describe
describeReal(`a back office that is not root${missing ? ` (${missing})` : ''}`, () => {
  let server: ProftpdServer
  let nobody: Unprivileged
  let helper: string
  const clients: RawClient[] = []

  beforeAll(async () => {
    server = await startProftpd()
    nobody = makeUnprivileged()
    helper = nobody.allowEnding()
  })
  afterAll(async () => {
    nobody?.remove()
    await server?.stop()
  })
  afterEach(() => clients.splice(0).forEach((client) => client.close()))

  async function connected(login: string): Promise<RawClient> {
    const client = await RawClient.connect(server.port, login)
    clients.push(client)
    return client
  }

  /** What such a back office lists, and what comes of ending the session of a login. */
  async function backOffice(options: { login?: string; endHelper?: string; force?: boolean } = {}) {
    const { login, force, ...more } = options
    const said = await nobody.run(SOURCE, { scoreboard: server.scoreboard, ...more }, login, { force })
    return said as { sessions: { handle: SessionIdentity; login: string | null }[]; end?: string }
  }

  const asRoot = (...args: (string | number)[]) => runAs(0, helper, args.map(String))
  const sudo = (...args: string[]) => runAs(NOBODY, 'sudo', ['-n', helper, ...args])

  test('reads, and leaves open what only the kernel knows', async () => {
    const client = await connected('dave')
    await client.begin('RETR big.bin')
    const { sessions } = await backOffice()
    expect(sessions).toMatchObject([
      {
        ...{ login: 'dave', status: 'downloading', command: 'RETR big.bin', fileName: 'big.bin', location: '/' },
        ...{ transferredBytes: null, totalBytes: null, condition: 'normal' },
      },
    ])
  })

  test('is told what to set up where it may not end a session', async () => {
    const client = await connected('alice')
    const { end } = await backOffice({ login: 'alice' })
    expect(end).toMatch(
      /^RemovalRefused: This back office \(uid 65534\) is not allowed to end process \d+\. Set up adminjs-sessions-end/,
    )
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('is told when sudo does not allow it', async () => {
    await connected('alice')
    const { end } = await backOffice({ login: 'alice', endHelper: '/usr/bin/true' })
    expect(end).toMatch(/^RemovalRefused: sudo -n \/usr\/bin\/true ended with 1: sudo: a password is required/)
  })

  test('ends that one session through sudo', async () => {
    const [alice, dave] = [await connected('alice'), await connected('dave')]
    expect(await backOffice({ login: 'alice', endHelper: helper })).toMatchObject({ end: 'asked' })
    await until(() => alice.control.closed)
    expect(await dave.command('NOOP')).toMatch(/^200/)
  })

  test('ends an orphan through sudo', async () => {
    const client = await connected('alice')
    await server.crash()
    try {
      expect(await backOffice({ login: 'alice', endHelper: helper })).toMatchObject({ end: 'asked' })
      await until(() => client.control.closed)
    } finally {
      await server.start()
    }
  })

  test('ends one that is stopped by force, through sudo, and not otherwise', async () => {
    const [alice, dave] = [await connected('alice'), await connected('dave')]
    const { sessions } = await backOffice()
    const { pid } = sessions.find(({ login }) => login === 'alice')!.handle
    await stopped(pid)
    expect(await backOffice({ login: 'alice', endHelper: helper })).toMatchObject({ end: 'asked' })
    expect(isRunning(pid)).toBe(true)
    expect(await backOffice({ login: 'alice', endHelper: helper, force: true })).toMatchObject({ end: 'asked' })
    await until(() => alice.control.closed && !isRunning(pid))
    expect(await dave.command('NOOP')).toMatch(/^200/)
  })

  test('is told what to allow where sudo does not take the word force', async () => {
    await connected('alice')
    const { end } = await backOffice({ login: 'alice', endHelper: '/usr/bin/true', force: true })
    expect(end).toMatch(/without a password, also with the word force behind its two numbers \(docs/)
  })

  test('the helper ends a session by its own scoreboard, whatever its client has it hold open', async () => {
    const client = await connected('alice')
    const { sessions } = await backOffice()
    const { pid, startTicks } = sessions[0]!.handle
    // By its header this very session would be the master, and by its slots another's.
    const forged = scoreboardBytes({ masterPid: pid }, [{ pid, user: 'dave' }])
    for (const command of ['STOR forged', 'RETR forged']) {
      const data = await client.begin(command)
      if (command.startsWith('STOR')) {
        data.end(forged)
        await client.reply()
      }
    }
    expect(await asRoot(pid, startTicks)).toMatchObject({ code: 0 })
    await until(() => client.control.closed)
  })

  test('the helper refuses a ProFTPD by name that has nothing but a scoreboard of its own', async () => {
    const pretended = await pretendProftpd(1)
    try {
      const [pid] = pretended.sessions as [number]
      const ticks = processStat(pid)!.startTicks
      for (const [mode, owner] of [
        [0o646, 0],
        [0o644, NOBODY],
      ] as const) {
        chmodSync(pretended.scoreboard, mode)
        chownSync(pretended.scoreboard, owner, owner)
        expect(await asRoot(pid, ticks)).toMatchObject({ code: 4, stderr: expect.stringContaining('is no session') })
      }
      expect(isRunning(pid)).toBe(true)
      chownSync(pretended.scoreboard, 0, 0)
      expect(await asRoot(pid, ticks, 'force')).toMatchObject({ code: 0 })
    } finally {
      await pretended.stop()
    }
  })

  test('the helper signals nobody by the numbers of another PID namespace', async () => {
    const client = await connected('alice')
    const { pid, startTicks } = (await backOffice()).sessions[0]!.handle
    // This /proc is not that of the namespace which signals go to from there.
    const args = ['--pid', '--fork', '--kill-child', helper, String(pid), String(startTicks)]
    expect(await runAs(0, 'unshare', args)).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/^\/proc is not that/),
    })
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('the helper ends nobody by the id of a thread', async () => {
    const threads = readdirSync('/proc/self/task').map(Number)
    const thread = threads.find((one) => one !== process.pid)!
    for (const args of [[], ['force']])
      expect(await asRoot(thread, ticksOf(thread), ...args)).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(`There is no process ${thread}`),
      })
  })

  test('the helper refuses whatever is no session, and arguments that are none', async () => {
    const client = await connected('alice')
    const { sessions } = await backOffice()
    const { pid, startTicks } = sessions[0]!.handle
    const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' })
    try {
      expect(await sudo(String(pid), String(startTicks + 1))).toMatchObject({
        code: 3,
        stderr: `There is no process ${pid} that began at tick ${startTicks + 1}.\n`,
      })
      expect(await sudo(String(server.pid), ticksOf(server.pid))).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('is no session'),
      })
      expect(await sudo(String(sleeper.pid), ticksOf(sleeper.pid!))).toMatchObject({ code: 4 })
      expect(await sudo('1', ticksOf(1))).toMatchObject({ code: 4 })
      // Whatever is not two numbers never gets past sudo; and past that it is refused again.
      expect(await sudo(`${pid};id`, '1')).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('password is required'),
      })
      for (const args of [
        [],
        ['1'],
        ['1', '2', '3'],
        ['x', '1'],
        ['-1', '1'],
        ['0', '1'],
        ['1e3', '1'],
        ['99999999999999999', '1'],
        ['1', '2', 'Force'],
        ['1', 'force', '2'],
        ['1', '2', 'force', 'force'],
      ]) {
        expect(await runAs(0, helper, args)).toMatchObject({ code: 2, stderr: expect.stringContaining('usage:') })
      }
      expect(await client.command('NOOP')).toMatch(/^200/)
      expect([isRunning(server.pid), isRunning(sleeper.pid!)]).toEqual([true, true])
    } finally {
      sleeper.kill('SIGKILL')
    }
  })
})

function runAs(
  uid: number,
  program: string,
  args: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { uid, gid: uid, cwd: '/', env: { PATH: process.env.PATH } }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
}

function ticksOf(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')[19]!
}
