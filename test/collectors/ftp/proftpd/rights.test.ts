import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { transformFileSync } from '@swc/core'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isRunning, proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { RawClient } from './raw-client.js'

const NOBODY = 65_534
const root = join(import.meta.dirname, '../../../..')

const missing = proftpdMissing ?? sudoMissing()

function sudoMissing(): string | null {
  try {
    execFileSync('sudo', ['-V'], { stdio: 'ignore' })
    return null
  } catch {
    return 'no sudo on the PATH (apt-get install sudo)'
  }
}

/** The built package, as far as it is needed, where every user may read it. */
function build(): string {
  const to = mkdtempSync(join(tmpdir(), 'package-'))
  chmodSync(to, 0o755)
  writeFileSync(join(to, 'package.json'), '{"type":"module"}')
  const sources = readdirSync(join(root, 'src/collectors'), { recursive: true, encoding: 'utf8' })
  for (const name of sources.filter((path) => /^(ftp|engine\/session-source)/.test(path) && path.endsWith('.ts'))) {
    const { code } = transformFileSync(join(root, 'src/collectors', name), {
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      module: { type: 'es6' },
    })
    const target = join(to, 'collectors', name.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, code)
  }
  for (const name of ['chokidar', 'readdirp'])
    cpSync(join(root, 'node_modules', name), join(to, 'node_modules', name), { recursive: true })
  const end = join(to, 'collectors/ftp/end-program.js')
  chmodSync(end, 0o755)
  writeFileSync(
    join(to, 'back-office.js'),
    `import { proftpd } from './collectors/ftp/proftpd/proftpd.js'
    const { login, ...options } = JSON.parse(process.argv[2])
    const source = proftpd(options)
    const { signal } = new AbortController()
    const sessions = await source.list(signal)
    const session = sessions.find((one) => one.login === login)
    const end = session && (await source.end(session, signal).catch((error) => error.name + ': ' + error.message))
    console.log(JSON.stringify({ sessions, end }))`,
  )
  return to
}

const describeReal = missing ? describe.skip : describe
describeReal(`a back office that is not root${missing ? ` (${missing})` : ''}`, () => {
  let server: ProftpdServer
  let built: string
  let helper: string
  let sudoers: string
  const clients: RawClient[] = []

  beforeAll(async () => {
    server = await startProftpd()
    built = build()
    helper = join(built, 'collectors/ftp/end-program.js')
    sudoers = `/etc/sudoers.d/${basename(built)}`
    writeFileSync(sudoers, `nobody ALL=(root) NOPASSWD: ${helper} ^[0-9]{1,10} [0-9]{1,20}$\n`, { mode: 0o440 })
  })
  afterAll(async () => {
    await server.stop()
    rmSync(sudoers, { force: true })
    rmSync(built, { recursive: true })
  })
  afterEach(() => clients.splice(0).forEach((client) => client.close()))

  async function connected(login: string): Promise<RawClient> {
    const client = await RawClient.connect(server.port, login)
    clients.push(client)
    return client
  }

  /** What such a back office lists, and what comes of ending the session of a login. */
  async function backOffice(options: { login?: string; endHelper?: string } = {}) {
    const input = JSON.stringify({ scoreboard: server.scoreboard, ...options })
    const { stdout } = await runAs(NOBODY, process.execPath, [join(built, 'back-office.js'), input])
    return JSON.parse(stdout) as { sessions: { handle: { pid: number; startTicks: number } }[]; end?: string }
  }

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

  test('the helper refuses whatever is no session, and arguments that are none', async () => {
    const client = await connected('alice')
    const { sessions } = await backOffice()
    const { pid, startTicks } = sessions[0]!.handle
    const ticksOf = (of: number) =>
      execFileSync('cat', [`/proc/${of}/stat`], { encoding: 'latin1' })
        .split(') ')
        .at(-1)!
        .split(' ')[19]!
    const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' })
    try {
      expect(await sudo(String(pid), String(startTicks + 1))).toMatchObject({
        code: 3,
        stderr: `Process ${pid} has gone.\n`,
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
