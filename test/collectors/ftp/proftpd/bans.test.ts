import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import type { FtpSource, Hold, Notes } from '../../../../src/session-source.js'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../../../servers/proftpd.js'
import { RawClient } from './raw-client.js'

const signal = new AbortController().signal
const hold = (by: Hold['by'], value: string): Hold => ({ by, value, until: new Date(Date.now() + 3_600_000) })

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
  const stop: AbortController[] = []
  beforeAll(async () => {
    server = await startProftpd()
    notes = memory()
  })
  afterAll(async () => {
    stop.forEach((controller) => controller.abort())
    await server.stop()
  })
  function source(socket = server.controls): FtpSource {
    const made = proftpd({ scoreboard: server.scoreboard, controls: { socket } })
    stop.push(new AbortController())
    void made.start!({ changed: () => undefined, isHeld: async () => false, notes }, stop.at(-1)!.signal)
    return made
  }

  const ftpdctl = (...words: string[]) =>
    execFileSync('ftpdctl', ['-s', server.controls, ...words], { encoding: 'utf8' })

  const banned = () => ftpdctl('ban', 'info').match(/(?<=^ftpdctl: {3})\S+$/gm)

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

  // ProFTPD looks for what ftpdctl wants once a second at best: these tests take their time.
  test('keeps out exactly these, whoever asks, cuts their sessions, and leaves the bans of others alone', async () => {
    ftpdctl('ban', 'user', 'bob')
    const client = await RawClient.connect(server.port, 'alice')
    const addresses = [hold('ip', '192.0.2.7'), hold('ip', '2001:db8::1')]
    await source().keepOut!.apply(
      [hold('login', 'alice'), hold('login', 'bob'), hold('session', 'x'), ...addresses],
      signal,
    )
    expect(await client.reply()).toBe('')
    expect(await logon('alice')).toMatch(/^530 /)
    expect(await logon('dave')).toMatch(/^230 /)
    expect(banned()).toEqual(['bob', 'alice', '192.0.2.7', '2001:db8::1'])

    // After a restart of the back office, too.
    await source().keepOut!.apply([hold('login', 'dave')], signal)
    expect(banned()).toEqual(['bob', 'dave'])
    expect(await logon('alice')).toMatch(/^230 /)
    expect(await logon('dave')).toMatch(/^530 /)
  })

  test('names that ftpdctl would take for something else are refused, and nobody is let in by them', async () => {
    const holds = ['*', '-v', 'яя', 'dave'].map((login) => hold('login', login))
    await expect(source().keepOut!.apply(holds, signal)).rejects.toThrow('does not keep out: user *, user -v, user яя.')
    expect(banned()).toEqual(['bob', 'dave'])
    await source().keepOut!.apply([], signal)
    expect(banned()).toEqual(['bob'])
  })

  test('a login that the scoreboard cuts is kept out by its whole name, and one that is only known in part is not', async () => {
    const client = await RawClient.connect(server.port, server.longLogin)
    await source().keepOut!.apply([hold('login', server.longLogin)], signal)
    // mod_ban knows its sessions by the scoreboard, and so not this one.
    expect(await client.command('NOOP')).toMatch(/^200 /)
    expect(await logon(server.longLogin)).toMatch(/^530 /)
    const part = hold('login', `${server.longLogin.slice(0, 31)}…`)
    await expect(source().keepOut!.apply([part], signal)).rejects.toThrow(`does not keep out: user ${part.value}`)
    await source().keepOut!.apply([], signal)
    expect(await logon(server.longLogin)).toMatch(/^230 /)
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
