import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { bootId, processStat } from '../../../../src/collectors/ftp/processes.js'
import { endSession, type Machine, type SessionIdentity } from '../../../../src/collectors/ftp/vsftpd/end.js'
import type { LiveSession } from '../../../../src/collectors/ftp/vsftpd/live-sessions.js'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { until } from '../../../until.js'
import { Drive } from '../drive.js'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`ending a session of a real vsftpd${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startVsftpd()
    drive = new Drive(server.port, server.alone(vsftpd()))
  })
  afterAll(() => server?.stop())
  afterEach(() => drive.allGone())

  test('ends that one and no other, and says when it has gone already', async () => {
    const clients = [await drive.raw('alice'), await drive.raw('alice'), await drive.raw()]
    const sessions = await drive.count(3)
    const gone = sessions.find(({ login }) => login === 'alice')!
    expect(await drive.end(gone)).toBe('asked')
    await until('one client sees it', () => clients.some(({ control }) => control.closed))
    expect((await drive.count(2)).map(({ key }) => key)).not.toContain(gone.key)
    expect(await drive.end(gone)).toBe('already-gone')
    for (const client of clients.filter(({ control }) => !control.closed))
      expect(await client.command('NOOP')).toMatch(/^(200|530)/)
  })

  test.each([
    ['plain', {}],
    ['over TLS', { secure: true, secureOptions: { rejectUnauthorized: false } }],
  ])('ends an upload, %s, of which the half stays', async (name, options) => {
    const content = drive.upload(await drive.ftp('alice', options), `${name}.bin`)
    content.write(Buffer.alloc(50_000))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 50_000)
    expect(await drive.end(session)).toBe('asked')
    await drive.count(0)
    expect(statSync(join(server.users.alice.home, `${name}.bin`)).size).toBe(50_000)
  })

  test('ends one that has not logged in', async () => {
    const client = await drive.raw()
    expect(await drive.end(await drive.only(({ ip }) => ip !== null))).toBe('asked')
    await until('its client sees it', () => client.control.closed)
  })

  test('refuses one that has logged in since it was listed', async () => {
    const client = await drive.raw()
    const before = await drive.only(({ ip }) => ip !== null)
    await client.command('USER alice')
    await client.command('PASS secret')
    // vsftpd answers before it gives the process its new title.
    await drive.only(({ login }) => login === 'alice')
    await expect(drive.end(before)).rejects.toThrow(/belongs to alice from 127.0.0.1 now, not to nobody/)
    expect(await client.command('NOOP')).toMatch(/^200/)
  })
})

describe('a stranger in the place of a session of vsftpd is not signalled', () => {
  const signalled: number[] = []
  const parent = { pid: 4000, comm: 'vsftpd', parent: 100, startTicks: 5 }
  const child = { pid: 4001, comm: 'vsftpd', parent: 4000, startTicks: 9 }
  const title = { is: 'session', ip: '::1', login: 'alice', command: null, argument: '' } as const
  const live: LiveSession = { parent, child, title, ip: '::1', overTls: false, orphaned: false }
  const identity: SessionIdentity = { bootId: 'b', pid: 4000, startTicks: 5, login: 'alice', ip: '::1' }
  const machine: Machine = {
    bootId: () => 'b',
    sessionOfParent: () => live,
    executableOf: () => '/usr/sbin/vsftpd',
    isListener: () => true,
    kill: (pid) => void signalled.push(pid),
  }
  afterEach(() => void signalled.splice(0))
  const with_ = (other: Partial<LiveSession>): Partial<Machine> => ({ sessionOfParent: () => ({ ...live, ...other }) })

  test('of the session itself the process that serves the client is', () => {
    expect(endSession(identity, machine)).toBe('asked')
    expect(signalled).toEqual([4001])
  })

  test.each<[string, Partial<Machine>]>([
    ['another boot', { bootId: () => 'c' }],
    ['its pid was given to another', with_({ parent: { ...parent, startTicks: 6 } })],
    ['it has ended', { sessionOfParent: () => null }],
  ])('%s: already gone', (_, other) => {
    expect(endSession(identity, { ...machine, ...other })).toBe('already-gone')
    expect(signalled).toEqual([])
  })

  test.each<[string, Partial<Machine>, RegExp]>([
    ['another login', with_({ title: { ...title, login: 'bob' } }), /belongs to bob/],
    ['another address', with_({ ip: '::2' }), /from ::2 now/],
    ['another program', with_({ child: { ...child, comm: 'sshd' } }), /runs sshd, not vsftpd/],
    [
      'another program of that name',
      { executableOf: (pid) => (pid === 4001 ? '/home/mallory/vsftpd' : '/usr/sbin/vsftpd') },
      /runs \/home\/mallory\/vsftpd/,
    ],
    [
      'of a strange listener',
      { executableOf: (pid) => (pid === 100 ? '/home/mallory/vsftpd' : '/usr/sbin/vsftpd') },
      /not the program of vsftpd's listener/,
    ],
  ])('%s: refused', (_, other, message) => {
    expect(() => endSession(identity, { ...machine, ...other })).toThrow(message)
    expect(signalled).toEqual([])
  })

  test.each<[string, Partial<LiveSession>, RegExp]>([
    ['the listener', { title: { is: 'listener' } }, /is vsftpd's listener/],
    ['between two processes', { child: parent, title: { is: 'connected', ip: '::1' } }, /Look again/],
  ])('%s: refused', (_, other, message) => {
    expect(() => endSession({ ...identity, login: null }, { ...machine, ...with_(other) })).toThrow(message)
    expect(signalled).toEqual([])
  })

  test('who may not signal it says so', () => {
    const kill = () => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    }
    expect(() => endSession(identity, { ...machine, kill })).toThrow(/EPERM/)
  })

  test('a real process of another kind under that very pid', () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      const { startTicks } = processStat(stranger.pid!)!
      const session = { bootId: bootId(), pid: stranger.pid!, startTicks, login: null, ip: null }
      expect(() => endSession(session)).toThrow(/runs sleep, not vsftpd/)
      expect(processStat(stranger.pid!)).not.toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })
})
