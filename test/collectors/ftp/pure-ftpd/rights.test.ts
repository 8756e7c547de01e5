import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { processStat } from '../../../../src/collectors/ftp/os/proc.js'
import { copyPureFtpd, pureFtpdMissing, type PureFtpdServer, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { childrenOf } from '../../../servers/tree.js'
import { makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { until } from '../../../until.js'
import { RawClient } from '../proftpd/raw-client.js'

const missing = pureFtpdMissing ?? sudoMissing()

function sudoMissing(): string | null {
  try {
    execFileSync('sudo', ['-V'], { stdio: 'ignore' })
    return null
  } catch {
    return 'no sudo on the PATH (apt-get install sudo)'
  }
}

const describeReal = missing ? describe.skip : describe
describeReal(`a back office that is not root, and Pure-FTPd${missing ? ` (${missing})` : ''}`, () => {
  let server: PureFtpdServer
  let nobody: Unprivileged
  let client: RawClient
  let copy: ReturnType<typeof copyPureFtpd>
  let program: string
  let sudoers: string

  beforeAll(async () => {
    // Of its own, so that sudoers allows it to this test alone.
    copy = copyPureFtpd()
    program = copy.who
    server = await startPureFtpd([], { program: copy.program })
    nobody = makeUnprivileged()
    sudoers = `/etc/sudoers.d/${basename(server.dir)}`
    client = await RawClient.connect(server.port, 'alice')
  })
  afterAll(async () => {
    client?.close()
    rmSync(sudoers, { force: true })
    nobody?.remove()
    await server?.stop()
    rmSync(copy.dir, { recursive: true, force: true })
  })

  const ask = (login?: string, endHelper?: string, force = false) =>
    nobody.run('pure-ftpd/pure-ftpd.js#pureFtpd', { program, endHelper }, login, {
      force,
      of: server.pid,
    })

  test('is told what to allow it in sudoers', async () => {
    const { error } = await ask()
    expect(error).toMatch(/Only root may list Pure-FTPd's sessions, and this back office is uid 65534/)
    expect(error).toContain(`allow it "${program} -n -s" in sudoers (docs/servers/pure-ftpd.md). sudo says: sudo: `)
  })

  test('lists by one line in sudoers, and is told that it may not end', async () => {
    writeFileSync(sudoers, `nobody ALL=(root) NOPASSWD: ${program} -n -s\n`, { mode: 0o440 })
    const data = await client.begin('STOR sent.bin')
    data.write(Buffer.alloc(4096))
    const { sessions, end } = await ask('alice')
    expect(sessions).toContainEqual(
      expect.objectContaining({
        ...{ login: 'alice', status: 'uploading', fileName: 'sent.bin', ip: '127.0.0.1' },
        ...{ location: null, lastActiveAt: null },
      }),
    )
    expect(end).toMatch(/^RemovalRefused: This back office \(uid 65534\) is not allowed to end process \d+/)
    data.end()
    await client.reply()
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('the program for sudo ends sessions and nothing else of Pure-FTPd', async () => {
    const helper = nobody.allowEnding()
    const sessions = childrenOf(server.pid)
    for (const pid of [server.pid, ...sessions.flatMap(childrenOf)])
      for (const more of [[], ['force']]) {
        const args = [String(pid), String(processStat(pid)!.startTicks), ...more]
        const { status, stderr } = spawnSync(helper, args, { encoding: 'utf8' })
        expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringMatching(/, not a session\./) })
      }
    const [pid] = sessions as [number]
    expect(spawnSync(helper, [String(pid), String(processStat(pid)!.startTicks + 1)]).status).toBe(3)
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test.each<[string, () => string, number, RegExp]>([
    ['others may write to the program', () => copy.program, 0o757, /others than root may write/],
    ['a group may write to pure-ftpwho', () => copy.who, 0o775, /others than root may write/],
    ['others may write to their directory', () => copy.dir, 0o777, /others than root may write/],
  ])('the program for sudo refuses where %s', async (_, path, mode, message) => {
    const helper = nobody.allowEnding()
    const [pid] = childrenOf(server.pid) as [number]
    const args = [String(pid), String(processStat(pid)!.startTicks)]
    chmodSync(path(), mode)
    try {
      expect(spawnSync(helper, args, { encoding: 'utf8' })).toMatchObject({
        status: 4,
        stderr: expect.stringMatching(message),
      })
    } finally {
      chmodSync(path(), 0o755)
    }
    for (const [uid, at] of [copy.program, copy.who, copy.dir].map((at) => [65_534, at] as const)) {
      chownSync(at, uid, 0)
      expect(spawnSync(helper, args).status).toBe(4)
      chownSync(at, 0, 0)
    }
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('the program for sudo refuses a link to some program of root’s, where others may have made it', async () => {
    const helper = nobody.allowEnding()
    const [pid] = childrenOf(server.pid) as [number]
    const other = copyPureFtpd()
    renameSync(copy.who, `${copy.who}.away`)
    symlinkSync(other.who, copy.who)
    chmodSync(copy.dir, 0o777)
    try {
      const { status, stderr } = spawnSync(helper, [String(pid), String(processStat(pid)!.startTicks)], {
        encoding: 'utf8',
      })
      expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining('others than root may write') })
    } finally {
      chmodSync(copy.dir, 0o755)
      renameSync(`${copy.who}.away`, copy.who)
      rmSync(other.dir, { recursive: true })
    }
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('the program for sudo refuses where there is no pure-ftpwho beside the program, whatever else there is', async () => {
    const helper = nobody.allowEnding()
    const [pid] = childrenOf(server.pid) as [number]
    renameSync(copy.who, `${copy.who}.away`)
    try {
      const { status, stderr } = spawnSync(helper, [String(pid), String(processStat(pid)!.startTicks)], {
        encoding: 'utf8',
      })
      expect({ status, stderr }).toEqual({
        status: 4,
        stderr: expect.stringContaining(`There is no program ${copy.who}`),
      })
    } finally {
      renameSync(`${copy.who}.away`, copy.who)
    }
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('ends that one session through sudo, and by force one that is stopped', async () => {
    const endHelper = nobody.allowEnding()
    const other = await RawClient.connect(server.port, 'dave')
    try {
      expect((await ask('alice', endHelper)).end).toBe('asked')
      await until('the client is cut', () => client.control.closed)
      expect(await other.command('NOOP')).toMatch(/^200/)
      await stopped(childrenOf(server.pid)[0]!)
      expect((await ask('dave', endHelper, true)).end).toBe('asked')
      await until('the client is cut', () => other.control.closed)
    } finally {
      other.close()
    }
  })
})
