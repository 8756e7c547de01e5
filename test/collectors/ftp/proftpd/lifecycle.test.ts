import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { FtpSource, ListedFtpSession } from '../../../../src/session-source.js'
import type { SessionIdentity } from '../../../../src/collectors/ftp/proftpd/end-proftpd-session.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { readEntries } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { isRunning, proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { RawClient } from './raw-client.js'

const signal = new AbortController().signal
const pidOf = ({ handle }: ListedFtpSession) => (handle as SessionIdentity).pid

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD that is killed and restarted${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  let source: FtpSource
  beforeEach(async () => {
    server = await startProftpd()
    source = proftpd({ scoreboard: server.scoreboard })
  })
  afterEach(() => server.stop())

  const listed = (count: number) =>
    until(async () => {
      const sessions = await source.list(signal)
      return sessions.length === count && sessions.every(({ login }) => login) && sessions
    })

  test('the entry of a session that was killed is no session, though ProFTPD keeps it', async () => {
    await RawClient.connect(server.port, 'alice')
    const [session] = await listed(1)
    process.kill(pidOf(session!), 'SIGKILL')
    await until(async () => (await source.list(signal)).length === 0)
    expect(isRunning(pidOf(session!))).toBe(false)
    expect([...readEntries(readFileSync(server.scoreboard))]).toMatchObject([{ pid: pidOf(session!) }])
    expect(await source.end(session!, signal)).toBe('already-gone')
  })

  test('sessions outlive their master, are shown as orphaned, beside those of a new one, and can be ended', async () => {
    const first = await RawClient.connect(server.port, 'alice')
    const second = await RawClient.connect(server.port, 'dave')
    const before = await listed(2)
    await server.crash()
    const orphans = await source.list(signal)
    expect(orphans.map(({ key }) => key)).toEqual(before.map(({ key }) => key))
    expect(orphans).toMatchObject([{ condition: 'orphaned' }, { condition: 'orphaned' }])

    await server.start()
    const third = await RawClient.connect(server.port, 'carol')
    const all = await listed(3)
    expect(new Map(all.map(({ login, condition }) => [login, condition]))).toEqual(
      new Map([
        ['alice', 'orphaned'],
        ['dave', 'orphaned'],
        ['carol', 'normal'],
      ]),
    )
    // Orphans still write to the scoreboard that was deleted.
    await second.command('CWD deep')
    await until(async () => (await source.list(signal)).some(({ location }) => location === '/deep'))

    for (const orphan of all.filter(({ condition }) => condition === 'orphaned')) {
      expect(await source.end(orphan, signal)).toBe('asked')
    }
    await until(() => first.control.closed && second.control.closed)
    expect(await listed(1)).toMatchObject([{ login: 'carol' }])
    expect(await third.command('NOOP')).toMatch(/^200/)
  })

  test('a crashed server whose last session has gone has none, and one that was never seen is no empty list', async () => {
    const client = await RawClient.connect(server.port, 'alice')
    await listed(1)
    await server.crash()
    expect(await listed(1)).toMatchObject([{ condition: 'orphaned' }])
    client.close()
    await until(async () => (await source.list(signal)).length === 0)
    await expect(proftpd({ scoreboard: server.scoreboard }).list(signal)).rejects.toThrow('ProFTPD does not run')
  })

  test('neither the master nor a session of another ProFTPD is ended', async () => {
    const other = await startProftpd()
    try {
      const [ours, theirs] = [
        await RawClient.connect(server.port, 'alice'),
        await RawClient.connect(other.port, 'alice'),
      ]
      const [own] = await listed(1)
      const [foreign] = await proftpd({ scoreboard: other.scoreboard }).list(signal)
      const identity = own!.handle as SessionIdentity
      const { scoreboard, file } = identity
      const stranger = { ...(foreign!.handle as SessionIdentity), scoreboard, file }
      await expect(source.end({ ...own!, handle: stranger }, signal)).rejects.toThrow("not in ProFTPD's scoreboard")
      expect(await source.end({ ...own!, handle: { ...identity, pid: server.pid } }, signal)).toBe('already-gone')
      expect(await ours.command('NOOP')).toMatch(/^200/)
      expect(await theirs.command('NOOP')).toMatch(/^200/)
      expect([isRunning(server.pid), isRunning(other.pid)]).toEqual([true, true])
    } finally {
      await other.stop()
    }
  })

  test('the watch outlives a restart, and ends with its signal', async () => {
    const stop = new AbortController()
    let hints = 0
    await source.start!({ changed: () => hints++, isHeld: async () => false, notes: null! }, stop.signal)
    const hint = async () => {
      const before = hints
      await until(async () => {
        const client = await RawClient.connect(server.port, 'alice')
        client.close()
        return hints > before
      })
    }
    await hint()
    await server.crash()
    await server.start()
    await hint()
    stop.abort()
    const after = hints
    const client = await RawClient.connect(server.port, 'alice')
    await listed(1)
    expect(await client.command('CWD deep')).toMatch(/^250/)
    await until(async () => (await source.list(signal))[0]?.location === '/deep')
    expect(hints).toBe(after)
  })
})
