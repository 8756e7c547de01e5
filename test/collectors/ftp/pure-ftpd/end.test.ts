import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { endSession, type Machine, type SessionIdentity } from '../../../../src/collectors/ftp/pure-ftpd/end.js'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { bootId, processStat } from '../../../../src/collectors/ftp/processes.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
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

  test('refuses one that has logged in since it was listed', async () => {
    const client = await drive.raw()
    const before = await drive.only()
    await client.command('USER alice')
    await client.command('PASS secret')
    await drive.only(({ login }) => login === 'alice')
    await expect(drive.end(before)).rejects.toThrow(/belongs to alice .* now, not to nobody yet/)
    expect(await client.command('NOOP')).toMatch(/^200/)
  })
})

describe('a stranger in the place of a session of Pure-FTPd is not signalled', () => {
  const signalled: number[] = []
  const stat = { pid: 4000, comm: 'pure-ftpd', parent: 100, startTicks: 5 }
  const identity: SessionIdentity = { bootId: 'b', pid: 4000, startTicks: 5, account: 'alice', peer: '::1' }
  const now = { account: 'alice', peer: '::1' }
  const machine: Machine = {
    bootId: () => 'b',
    processStat: (pid) => (pid === 4000 ? stat : { pid, comm: 'pure-ftpd', parent: 1, startTicks: 1 }),
    executableOf: () => '/usr/sbin/pure-ftpd',
    titleOf: (pid) => (pid === 4000 ? 'pure-ftpd (IDLE)' : 'pure-ftpd (SERVER)'),
    kill: (pid) => void signalled.push(pid),
  }
  afterEach(() => void signalled.splice(0))

  test('the session itself is', () => {
    expect(endSession(identity, now, machine)).toBe('asked')
    expect(signalled).toEqual([4000])
  })

  test.each<[string, Partial<Machine>]>([
    ['another boot', { bootId: () => 'c' }],
    ['its pid was given to another', { processStat: () => ({ ...stat, startTicks: 6 }) }],
    ['it has ended', { processStat: () => null }],
  ])('%s: already gone', (_, other) => {
    expect(endSession(identity, now, { ...machine, ...other })).toBe('already-gone')
    expect(signalled).toEqual([])
  })

  test.each<[string, Partial<Machine>, RegExp]>([
    ['another program', { processStat: () => ({ ...stat, comm: 'sshd' }) }, /runs sshd, not pure-ftpd/],
    ['the server', { titleOf: () => 'pure-ftpd (SERVER)' }, /is pure-ftpd \(SERVER\), not a session/],
    ['a helper', { titleOf: () => 'pure-ftpd (PRIV)' }, /is pure-ftpd \(PRIV\), not a session/],
    ['one without a title', { titleOf: () => '' }, /not a session/],
    [
      'another program of that name',
      { executableOf: (pid) => (pid === 4000 ? '/home/mallory/pure-ftpd' : '/usr/sbin/pure-ftpd') },
      /runs \/home\/mallory\/pure-ftpd/,
    ],
    ['a child of a session', { titleOf: () => 'pure-ftpd (IDLE)' }, /not a child of Pure-FTPd's server/],
  ])('%s: refused', (_, other, message) => {
    expect(() => endSession(identity, now, { ...machine, ...other })).toThrow(message)
    expect(signalled).toEqual([])
  })

  test.each([
    ['another account', { account: 'bob', peer: '::1' }, /belongs to bob/],
    ['another address', { account: 'alice', peer: '::2' }, /from ::2 now/],
    ['not listed', null, /not in Pure-FTPd's list any more/],
  ])('%s: refused', (_, other, message) => {
    expect(() => endSession(identity, other, machine)).toThrow(message)
    expect(signalled).toEqual([])
  })

  test('who may not signal it says so', () => {
    const kill = () => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    }
    expect(() => endSession(identity, now, { ...machine, kill })).toThrow(/EPERM/)
  })

  test('a real process of another kind under that very pid', () => {
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore' })
    try {
      const { startTicks } = processStat(stranger.pid!)!
      const session = { ...identity, bootId: bootId(), pid: stranger.pid!, startTicks }
      expect(() => endSession(session, now)).toThrow(/runs sleep, not pure-ftpd/)
      expect(processStat(stranger.pid!)).not.toBeNull()
    } finally {
      stranger.kill('SIGKILL')
    }
  })
})
