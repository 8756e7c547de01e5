import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import type { FtpSource, Hold, Notes } from '../../../../src/collectors/engine/session-source.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../../../servers/proftpd.js'
import { RawClient } from './raw-client.js'

jest.setTimeout(90_000)
const signal = new AbortController().signal
const hold = (by: Hold['by'], value: string): Hold => ({ by, value, until: new Date(Date.now() + 60_000) })

/** The memory that the engine would lend. */
function memory(): Notes {
  const kept = new Map<string, unknown>()
  return {
    get: async (key) => kept.get(key),
    set: async (key, value, until) => void (until > new Date() ? kept.set(key, value) : kept.delete(key)),
    all: async () => new Map(kept),
  }
}

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`keeping out${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  let notes: Notes
  const stop = new AbortController()
  beforeAll(async () => {
    server = await startProftpd()
    notes = memory()
  })
  afterAll(async () => {
    stop.abort()
    await server.stop()
  })
  afterEach(() => source().keepOut!.apply([], signal))

  function source(socket = server.controls): FtpSource {
    const made = proftpd({ scoreboard: server.scoreboard, controls: { socket } })
    void made.start!({ changed: () => undefined, isHeld: async () => false, notes }, stop.signal)
    return made
  }

  const ftpdctl = (...words: string[]) =>
    execFileSync('ftpdctl', ['-s', server.controls, ...words], { encoding: 'utf8' })

  async function logon(login: string): Promise<string> {
    const client = await RawClient.connect(server.port)
    await client.command(`USER ${login}`)
    const reply = await client.command('PASS secret')
    client.close()
    return reply
  }

  test('is not offered without controls', () => {
    expect(proftpd()).not.toHaveProperty('keepOut')
  })

  test('keeps out exactly these, cuts their sessions, and lets them in again, also after a restart of the back office', async () => {
    const client = await RawClient.connect(server.port, 'alice')
    await source().keepOut!.apply([hold('login', 'alice'), hold('session', 'x')], signal)
    expect(await client.reply()).toBe('')
    expect(await logon('alice')).toMatch(/^530 /)
    expect(await logon('dave')).toMatch(/^230 /)
    await source().keepOut!.apply([hold('login', 'dave')], signal)
    expect(await logon('alice')).toMatch(/^230 /)
    expect(await logon('dave')).toMatch(/^530 /)
    await source().keepOut!.apply([], signal)
    expect(await logon('dave')).toMatch(/^230 /)
  })

  test('by address', async () => {
    await source().keepOut!.apply([hold('ip', '192.0.2.7'), hold('ip', '2001:db8::1')], signal)
    expect(ftpdctl('ban', 'info')).toContain('192.0.2.7\nftpdctl:   2001:db8::1\n')
  })

  test('leaves the bans of others alone', async () => {
    ftpdctl('ban', 'user', 'bob')
    await source().keepOut!.apply([hold('login', 'bob'), hold('login', 'alice')], signal)
    await source().keepOut!.apply([], signal)
    expect(await logon('bob')).toMatch(/^530 /)
    expect(await logon('alice')).toMatch(/^230 /)
    ftpdctl('permit', 'user', 'bob')
  })

  test('names that ftpdctl would take for something else are refused, and the others kept out', async () => {
    ftpdctl('ban', 'user', 'bob')
    const holds = ['*', '-v', 'яя'].map((login) => hold('login', login))
    await expect(source().keepOut!.apply([...holds, hold('login', 'alice')], signal)).rejects.toThrow(
      'does not keep out: user *, user -v, user яя.',
    )
    await source().keepOut!.apply([], signal)
    expect(ftpdctl('ban', 'info')).toContain('bob')
    ftpdctl('permit', 'user', 'bob')
  })

  test('says what to set where ProFTPD cannot be spoken to', async () => {
    await expect(source('/nowhere/controls').keepOut!.apply([], signal)).rejects.toThrow(
      /error contacting server.*Set ControlsEngine on, and give the path of ControlsSocket/,
    )
    process.seteuid!(65_534)
    try {
      await expect(source().keepOut!.apply([], signal)).rejects.toThrow(/access denied.*BanControlsACLs/)
    } finally {
      process.seteuid!(0)
    }
  })
})
