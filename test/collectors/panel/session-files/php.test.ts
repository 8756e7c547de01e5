import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessionFiles } from '../../../../src/collectors/panel/session-files/session-files.js'
import type { PanelSource } from '../../../../src/session-source.js'
import { phpMissing, type PhpBrowser, type PhpPanel, startPhpPanel } from '../../../servers/php.js'
import { until } from '../../../until.js'
import { list } from '../express-sessions/fake-site.js'

const { signal } = new AbortController()
let directory: string
let holds: string
let panel: PhpPanel
let source: PanelSource
let browser: PhpBrowser

const decode = 'php'
const session = ({ user }: { user?: string }) => (user === undefined ? null : { login: user })

;(phpMissing ? describe.skip : describe)(phpMissing ?? 'what PHP itself does', () => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'php-sessions-'))
    holds = mkdtempSync(join(tmpdir(), 'php-holds-'))
    panel = await startPhpPanel(directory)
    source = sessionFiles({ directory, decode, session })
    browser = panel.browser()
    await browser.go('/login', { user: 'alice' })
  })
  afterEach(async () => {
    await panel.stop()
    for (const path of [directory, holds]) rmSync(path, { recursive: true })
  })

  const only = async () => {
    const sessions = await list(source)
    expect(sessions).toHaveLength(1)
    return sessions[0]!
  }
  const logins = async () => (await list(source)).map(({ login }) => login)
  const end = async () => expect(await source.end(await only(), signal, () => list(source))).toBe('asked')

  test.each(['write', 'nothing', 'reopen'])(
    'a request that runs while its session is ended (and then: %s) does not bring it back',
    async (then) => {
      const running = await browser.hold(holds, '/hold', then)
      await end()
      await running.release()
      expect(await logins()).toEqual([])
      // The cookie is still the browser's: PHP gives it a session of nobody, under the same id.
      expect(await browser.go('/who')).toBe('nobody')
      expect(await logins()).toEqual([])
      expect(readdirSync(directory)).toEqual([`sess_${browser.id}`])
    },
  )

  test('nor does one that waits for the other, with the file open that has gone', async () => {
    const second = await startPhpPanel(directory)
    try {
      const running = await browser.hold(holds, '/hold', 'write')
      const waiting = browser.at(second.browser()).go('/become', { user: 'alice' })
      const { dev, ino } = statSync(join(directory, `sess_${browser.id}`))
      const isWaiting = () =>
        readFileSync('/proc/locks', 'utf8')
          .split('\n')
          .some((line) => line.includes('->') && line.includes(`:${ino} `))
      expect(dev).toBeGreaterThan(0)
      await until('it waits', isWaiting)
      await end()
      await running.release()
      // It was let in before.
      expect(await waiting).toBe('alice')
      expect(await logins()).toEqual([])
      expect(await browser.go('/who')).toBe('nobody')
    } finally {
      await second.stop()
    }
  })

  test('a request that gives its session a new id carries it over: it is listed anew, by another key', async () => {
    const { key } = await only()
    const running = await browser.hold(holds, '/hold', 'regenerate')
    await end()
    await running.release()
    const after = await only()
    expect(after.login).toBe('alice')
    expect(after.key).not.toBe(key)
  })

  test('whoever logs in again after the end is in a session of another key, where the logon gives a new id', async () => {
    const { key } = await only()
    await end()
    await browser.go('/login', { user: 'alice' })
    expect((await only()).key).not.toBe(key)
  })

  test('a visitor who is not logged in is no session', async () => {
    await panel.browser().go('/who')
    expect(readdirSync(directory)).toHaveLength(2)
    expect(await logins()).toEqual(['alice'])
    expect(source.warnings!()).toEqual([])
  })

  test('while PHP writes them, no session is missed and none is damaged', async () => {
    const others = await Promise.all(
      Array.from({ length: 5 }, async (_, i) => {
        const other = panel.browser()
        await other.go('/login', { user: `user${i}` })
        return other
      }),
    )
    let isOver = false
    const busy = (async () => {
      for (let i = 0; i < 300; i++) await others[i % 5]!.go('/become', { user: `user${i % 5}` })
      isOver = true
    })()
    let lists = 0
    for (; !isOver; lists++) {
      expect((await logins()).sort()).toEqual(['alice', 'user0', 'user1', 'user2', 'user3', 'user4'])
      expect(source.warnings!()).toEqual([])
    }
    await busy
    expect(lists).toBeGreaterThan(0)
  })

  test('with a mode before save_path, a group may read its sessions', async () => {
    const grouped = mkdtempSync(join(tmpdir(), 'php-sessions-'))
    const other = await startPhpPanel(`0;0640;${grouped}`)
    try {
      await other.browser().go('/login', { user: 'bob' })
      const [file] = readdirSync(grouped)
      expect(statSync(join(grouped, file!)).mode & 0o777).toBe(0o640)
      source = sessionFiles({ directory: grouped, decode, session })
      expect(await logins()).toEqual(['bob'])
    } finally {
      await other.stop()
      rmSync(grouped, { recursive: true })
    }
  })

  test('sessions that PHP spreads over directories are an error and no empty list', async () => {
    const nested = mkdtempSync(join(tmpdir(), 'php-sessions-'))
    for (const one of 'abcdefghijklmnopqrstuvwxyz0123456789') {
      const { mkdirSync } = await import('node:fs')
      mkdirSync(join(nested, one))
    }
    const other = await startPhpPanel(`1;${nested}`)
    try {
      expect(await other.browser().go('/login', { user: 'bob' })).toBe('bob')
      source = sessionFiles({ directory: nested, decode, session })
      await expect(list(source)).rejects.toThrow(/spread over directories.*save_path/)
    } finally {
      await other.stop()
      rmSync(nested, { recursive: true })
    }
  })
})
