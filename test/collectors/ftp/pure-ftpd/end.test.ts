import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ListedFtpSession } from '../../../../src/session-source.js'
import {
  endSession,
  type PureFtpdMachine,
  type SessionIdentity,
} from '../../../../src/collectors/ftp/pure-ftpd/end-pure-ftpd-session.js'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { bootId, processStat } from '../../../../src/collectors/ftp/os/proc.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { until } from '../../../until.js'
import { Drive } from '../drive.js'

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`ending a session of a real Pure-FTPd${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  let server: PureFtpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startPureFtpd()
    drive = new Drive(server.port, server.alone(pureFtpd({ program: pureFtpwho })))
  })
  afterAll(() => server?.stop())
  afterEach(() => drive.allGone())

  test('ends that one and no other, and says when it has gone already', async () => {
    const clients = [await drive.raw('alice'), await drive.raw('alice'), await drive.raw()]
    const sessions = await drive.count(3)
    const gone = sessions.find(({ login }) => login === 'alice')!
    expect(await drive.end(gone)).toBe('asked')
    await until('one client sees it', () => clients.some(({ control }) => control.closed))
    const left = await drive.count(2)
    expect(left.map(({ key }) => key)).not.toContain(gone.key)
    expect(await drive.end(gone)).toBe('already-gone')
    for (const client of clients.filter(({ control }) => !control.closed))
      expect(await client.command('NOOP')).toMatch(/^(200|530)/)
  })

  test('ends an upload, of which the half stays, and its helper process with it', async () => {
    const content = drive.upload(await drive.ftp('dave'), 'half.bin')
    content.write(Buffer.alloc(50_000))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 50_000)
    expect(await drive.end(session)).toBe('asked')
    await drive.count(0)
    const half = join(server.users.dave.home, 'half.bin')
    expect(existsSync(half) && statSync(half).size).toBe(50_000)
  })

  test('ends one that is stopped by force, and not otherwise', async () => {
    const clients = [await drive.raw('alice'), await drive.raw('dave')] as const
    const sessions = await drive.count(2)
    const alice = sessions.find(({ login }) => login === 'alice')!
    const { pid } = alice.handle as SessionIdentity
    await stopped(pid)
    expect(await drive.end(alice)).toBe('asked')
    expect((await drive.list()).map(({ login }) => login).sort()).toEqual(['alice', 'dave'])
    expect(await drive.endByForce(alice)).toBe('asked')
    await until('its client sees it', () => clients[0].control.closed)
    expect(await drive.count(1)).toMatchObject([{ login: 'dave' }])
    expect(await clients[1].command('NOOP')).toMatch(/^200/)
    expect(await drive.endByForce(alice)).toBe('already-gone')
  })

  test('checks a batch by one list, and one that has gone by none', async () => {
    await Promise.all([1, 2, 3, 4, 5].map(() => drive.raw('alice')))
    const sessions = await drive.count(5)
    const counter = join(server.dir, 'asked')
    const counting = join(server.dir, 'counting-ftpwho')
    writeFileSync(counting, `#!/bin/sh\necho >> ${counter}\nexec ${pureFtpwho} "$@"\n`, { mode: 0o755 })
    const source = pureFtpd({ program: counting })
    const { signal } = new AbortController()
    let shared: Promise<ListedFtpSession[]> | undefined
    const fresh = () => (shared ??= source.list(signal))
    expect(await Promise.all(sessions.map((session) => source.end(session, signal, fresh)))).toEqual(
      sessions.map(() => 'asked'),
    )
    await drive.count(0)
    expect(await Promise.all(sessions.map((session) => source.end(session, signal, fresh)))).toEqual(
      sessions.map(() => 'already-gone'),
    )
    expect(readFileSync(counter, 'utf8')).toBe('\n')
  })

  test('says that the last one has gone also where there is no list any more', async () => {
    const crashing = await startPureFtpd()
    const last = new Drive(crashing.port, crashing.alone(pureFtpd({ program: pureFtpwho })))
    await last.raw('alice')
    const session = await last.only(({ login }) => login === 'alice')
    await crashing.stop()
    // The session's process ends after its server's.
    await until('its process has gone', () => processStat((session.handle as SessionIdentity).pid) === null)
    const none = () => Promise.reject(new Error('Pure-FTPd does not run'))
    expect(await last.source.end(session, new AbortController().signal, none)).toBe('already-gone')
  })

  test('an end whose signal is aborted meanwhile does nothing', async () => {
    const client = await drive.raw('alice')
    const session = await drive.only(({ login }) => login === 'alice')
    const stop = new AbortController()
    const fresh = async () => {
      const sessions = await drive.list()
      stop.abort(new Error('Too late.'))
      return sessions
    }
    await expect(drive.source.end(session, stop.signal, fresh)).rejects.toThrow('Too late.')
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('refuses one that has logged in since it was listed', async () => {
    const client = await drive.raw()
    const before = await drive.only()
    await client.command('USER alice')
    await client.command('PASS secret')
    await drive.only(({ login }) => login === 'alice')
    await expect(drive.end(before)).rejects.toThrow(
      /^It was nobody's when its end was asked for; now it is somebody else's\.$/,
    )
    expect(await client.command('NOOP')).toMatch(/^200/)
  })
})

describe('a stranger in the place of a session of Pure-FTPd is not signalled', () => {
  const signalled: [number, string][] = []
  const stat = { pid: 4000, comm: 'pure-ftpd', parent: 100, startTicks: 5, kernelSession: 1 }
  const server = { pid: 100, comm: 'pure-ftpd', parent: 1, startTicks: 1, kernelSession: 1 }
  const program = { path: '/usr/sbin/pure-ftpd', file: '8:1' }
  const identity: SessionIdentity = { bootId: 'b', pid: 4000, startTicks: 5, account: 'alice', peer: '::1' }
  const now = { account: 'alice', peer: '::1' }
  const machine: PureFtpdMachine = {
    bootId: () => 'b',
    processStat: (pid) => (pid === 4000 ? stat : pid === 100 ? server : null),
    isOfThisNamespace: () => true,
    programOf: () => program,
    titleOf: (pid) => (pid === 4000 ? 'pure-ftpd (IDLE)' : 'pure-ftpd (SERVER)'),
    signal: (pid, signal) => (signalled.push([pid, signal]), 'asked'),
  }
  afterEach(() => void signalled.splice(0))

  test.each(['SIGTERM', 'SIGKILL'] as const)('the session itself is, by %s', (by) => {
    expect(endSession(identity, now, by, machine)).toBe('asked')
    expect(signalled).toEqual([[4000, by]])
  })

  test.each(['pure-ftpd (UPLOAD)', 'pure-ftpd (DOWNLOAD)'])('so is one that is %s', (title) => {
    const titleOf = (pid: number) => (pid === 4000 ? title : 'pure-ftpd (SERVER)')
    expect(endSession(identity, now, 'SIGTERM', { ...machine, titleOf })).toBe('asked')
  })

  test.each<[string, Partial<PureFtpdMachine>]>([
    ['whose server has gone', { processStat: (pid) => (pid === 4000 ? { ...stat, parent: 1 } : null) }],
    [
      'from whose namespace its parent is not seen',
      { processStat: (pid) => (pid === 4000 ? { ...stat, parent: 0 } : null) },
    ],
    ['of inetd', { programOf: ({ pid }) => (pid === 100 ? { path: '/usr/sbin/inetd', file: '8:2' } : program) }],
    ['whose file may not be seen', { programOf: ({ comm }) => ({ path: comm, file: null }) }],
    ...['-mysql', '-postgresql', '-ldap', '-virtualchroot', '-postgresql-virtualchroot'].flatMap(
      (variant): [string, Partial<PureFtpdMachine>][] => [
        [`of pure-ftpd${variant}`, { programOf: () => ({ path: `/usr/sbin/pure-ftpd${variant}`, file: '8:3' }) }],
        [
          `of pure-ftpd${variant}, by the short name`,
          { programOf: () => ({ path: `pure-ftpd${variant}`.slice(0, 15), file: null }) },
        ],
      ],
    ),
  ])('so is one %s', (_, other) => {
    expect(endSession(identity, now, 'SIGTERM', { ...machine, ...other })).toBe('asked')
  })

  test.each<[string, Partial<PureFtpdMachine>]>([
    ['another boot', { bootId: () => 'c' }],
    ['its pid was given to another', { processStat: () => ({ ...stat, startTicks: 6 }) }],
    ['it has ended', { processStat: () => null }],
  ])('%s: already gone', (_, other) => {
    expect(endSession(identity, now, 'SIGTERM', { ...machine, ...other })).toBe('already-gone')
    expect(signalled).toEqual([])
  })

  const titled = (title: string) => ({ titleOf: (pid: number) => (pid === 4000 ? title : 'pure-ftpd (SERVER)') })
  test.each<[string, Partial<PureFtpdMachine>, RegExp]>([
    [
      'another program',
      { programOf: () => ({ path: '/usr/sbin/sshd', file: '8:9' }) },
      /runs \/usr\/sbin\/sshd, not Pure-FTPd/,
    ],
    ...['/opt/pure-ftpd-evil', '/usr/sbin/pure-ftpwho', '/x/in.pure-ftpd', '/x/pure-ftpd-mysql2'].map(
      (path): [string, Partial<PureFtpdMachine>, RegExp] => [
        path,
        { programOf: () => ({ path, file: '8:9' }) },
        /runs \/\S+, not Pure-FTPd/,
      ],
    ),
    ['no program', { programOf: () => null }, /runs no program, not Pure-FTPd/],
    ['another namespace', { isOfThisNamespace: () => false }, /in another PID namespace/],
    ['the server', titled('pure-ftpd (SERVER)'), /is pure-ftpd \(SERVER\), not a session/],
    ['a helper', titled('pure-ftpd (PRIV)'), /is pure-ftpd \(PRIV\), not a session/],
    ['one without a title', titled(''), /is pure-ftpd, not a session/],
    [
      'another program of that name',
      { programOf: ({ pid }) => (pid === 4000 ? { path: '/home/mallory/pure-ftpd', file: '8:5' } : program) },
      /runs \/home\/mallory\/pure-ftpd, not the program/,
    ],
    ['a child of a session', { titleOf: () => 'pure-ftpd (IDLE)' }, /not a child of Pure-FTPd's server/],
  ])('%s: refused', (_, other, message) => {
    for (const by of ['SIGTERM', 'SIGKILL'] as const)
      expect(() => endSession(identity, now, by, { ...machine, ...other })).toThrow(message)
    expect(signalled).toEqual([])
  })

  test.each([
    ['another account', { account: 'bob', peer: '::1' }, /now it is somebody else's/],
    ['another address', { account: 'alice', peer: '::2' }, /comes from elsewhere now/],
    ['not listed', null, /not in Pure-FTPd's list any more/],
  ])('%s: refused', (_, other, message) => {
    expect(() => endSession(identity, other, 'SIGTERM', machine)).toThrow(message)
    expect(signalled).toEqual([])
  })

  test('a real process of another kind under that very pid', () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      const { startTicks } = processStat(stranger.pid!)!
      const session = { ...identity, bootId: bootId(), pid: stranger.pid!, startTicks }
      expect(() => endSession(session, now)).toThrow(/runs .*sleep, not Pure-FTPd/)
      expect(processStat(stranger.pid!)).not.toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })
})
