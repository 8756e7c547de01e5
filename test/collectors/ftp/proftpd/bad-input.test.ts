import { afterAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { proftpd, type ProftpdOptions } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const dir = mkdtempSync(join(tmpdir(), 'scoreboards-'))
afterAll(() => rmSync(dir, { recursive: true }))
const signal = new AbortController().signal
const list = (scoreboard: string) => proftpd({ scoreboard }).list(signal)

function file(name: string, bytes: Buffer): string {
  writeFileSync(join(dir, name), bytes)
  return join(dir, name)
}

describe('a scoreboard that cannot be had is an error that says what to do, never an empty list', () => {
  test('missing', async () => {
    await expect(list(join(dir, 'none'))).rejects.toThrow(
      /^There is no scoreboard at .*none\. Is ProFTPD running\? .*ScoreboardFile/,
    )
  })
  test('below a file', async () => {
    const path = file('plain', Buffer.alloc(0))
    await expect(list(join(path, 'scoreboard'))).rejects.toThrow(/something on the way there is no directory/)
  })
  test('a directory', async () => {
    mkdirSync(join(dir, 'directory'))
    await expect(list(join(dir, 'directory'))).rejects.toThrow(
      /is a directory, where ProFTPD's scoreboard file was expected/,
    )
  })
  test('empty', async () => {
    await expect(list(file('empty', Buffer.alloc(0)))).rejects.toThrow(/empty is not a scoreboard.* it is empty/)
  })
  test('cut in the middle of an entry', async () => {
    const whole = scoreboardBytes({ masterPid: process.pid }, [{ pid: process.pid }])
    await expect(list(file('cut', whole.subarray(0, 400)))).rejects.toThrow(/ends 368 bytes into slot 0/)
  })
  test('of another program', async () => {
    await expect(list(file('other', Buffer.alloc(4096, 'something else ')))).rejects.toThrow(/begins with 0x/)
  })
  test('of a server that does not run', async () => {
    const { pid } = spawn('true', { stdio: 'ignore' })
    await new Promise((resolve) => setImmediate(resolve))
    const dead = await gone(pid!)
    await expect(list(file('dead', scoreboardBytes({ masterPid: dead }, [])))).rejects.toThrow(
      new RegExp(`ProFTPD does not run: .* names process ${dead} as its master`),
    )
  })

  const testAsRoot = process.getuid?.() === 0 ? test : test.skip
  testAsRoot('not readable for this user', async () => {
    const path = file('secret', scoreboardBytes({}, []))
    process.seteuid!(65_534)
    try {
      await expect(list(path)).rejects.toThrow(/may not be read by this user/)
    } finally {
      process.seteuid!(0)
    }
  })
})

/** Waits until a child has been reaped. */
async function gone(pid: number): Promise<number> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return pid
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('options are checked when the source is made', () => {
  test.each<[object, RegExp]>([
    [
      { scoreboard: 'run/scoreboard' },
      /^proftpd: option "scoreboard" is "run\/scoreboard"; expected an absolute path\.$/,
    ],
    [{ name: '' }, /option "name" is ""; expected a text of 1 to 64 characters/],
    [{ anonymous: 'ftp' }, /option "anonymous" is "ftp"; expected a list of logins/],
    [{ accounts: {} }, /option "accounts" is an object; expected a function/],
    [{ endHelper: 5 }, /option "endHelper" is 5; expected an absolute path/],
    [{ controls: '/run/ctl' }, /option "controls" is "\/run\/ctl"; expected an object/],
    [{ controls: { socket: 'ctl' } }, /option "controls.socket" is "ctl"; expected an absolute path/],
    [{ controls: { sock: '/x' } }, /no option of that name: controls.sock; expected one of ftpdctl, socket\.$/],
    [
      { scoreBoard: '/x' },
      /^proftpd: no option of that name: scoreBoard; expected one of scoreboard, name, anonymous, /,
    ],
  ])('%j', (options, message) => {
    expect(() => proftpd(options as ProftpdOptions)).toThrow(message)
  })
})
