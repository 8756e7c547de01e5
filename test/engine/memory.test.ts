import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import { getHeapSnapshot, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expressSessions } from '../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../src/collectors/panel/express-sessions/session-id.js'
import { backOffice, Browser, type BackOffice } from '../collectors/panel/express-sessions/back-office.js'
import { giveDateBack, moveDateOn, takeDate } from '../date.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'

/** `npm run test:long` looks 10,000 times. */
const looks = Number(process.env.LOOKS ?? 1000)
/** So many people are removed in a round. */
const people = 5
const rounds = looks / 50 / people
const hour = 3_600_000

describe('memory stays flat', () => {
  let engine: Awaited<ReturnType<typeof backEnd>>
  afterEach(() => engine.stop())

  test(`over ${looks} looks`, async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const source = fakeSource()
    engine = await backEnd(source)
    for (let i = 0; i < 100; i++) source.add(`s${i}`)
    const used = async () => {
      for (let i = 0; i < 3; i++) {
        collect()
        await new Promise((resolve) => setImmediate(resolve))
      }
      return process.memoryUsage().heapUsed
    }
    const lookOften = async (times: number) => {
      for (let i = 0; i < times; i++) {
        source.add(`s${i % 100}`, { location: `/${i}` })
        await engine.collector.poll()
      }
    }
    await lookOften(looks / 5)
    const before = await used()
    await lookOften(looks)
    // Ten thousand looks that leaked one row each would be twice that.
    expect((await used()) - before).toBeLessThan(1_000_000)
  })
})

describe('what is over is forgotten', () => {
  let engine: Awaited<ReturnType<typeof backEnd>>
  let office: BackOffice
  beforeAll(async () => {
    // What is remembered for a while is forgotten as hours go by: six in each round.
    takeDate()
    const store = new session.MemoryStore()
    engine = await backEnd(expressSessions({ store }), { pollEvery: 10 * hour })
    engine.start()
    office = await backOffice(express, store)
  })
  afterAll(async () => {
    await office?.close()
    await engine?.stop()
    giveDateBack()
  })

  /** Some log on, are removed and kept out for a while, and ask in vain. Gives the keys of their sessions, in bytes. */
  async function goRound(round: number): Promise<Buffer[]> {
    const browsers = Array.from({ length: people }, () => new Browser(office.url))
    const logins = browsers.map((_, i) => `round-${round * people + i}@example.org`)
    for (const [i, browser] of browsers.entries()) await browser.go('POST', `/login/${logins[i]}`)
    await engine.collector.poll()
    const keepOut = { keepOutBy: 'login' as const, keepOutUntil: new Date(Date.now() + hour / 2) }
    const keys = browsers.map(({ sid }) => keyOf(sid))
    const removals = await engine.remove(keys, keepOut)
    expect(removals).toMatchObject(logins.map((login) => ({ login, outcome: 'ended' })))
    for (const browser of browsers) expect((await browser.go('GET', '/who')).text).toBe('nobody')
    moveDateOn(6 * hour)
    return keys.map((key) => Buffer.from(key, 'hex'))
  }

  const sessions = rounds * people
  test(`of ${sessions} sessions that were listed, removed, held and kept out, login and key are not in memory three days later`, async () => {
    const keys: Buffer[] = []
    for (let round = 0; round < rounds + 12; round++) keys.push(...(await goRound(round)))
    // Node itself keeps the last URLs that were fetched.
    performance.clearResourceTimings()
    const rememberedLogins = new Set<number>()
    const rememberedKeys = new Set<number>()
    let end = ''
    for await (const chunk of getHeapSnapshot().setEncoding('latin1')) {
      const text = end + (chunk as string)
      end = text.slice(-100)
      for (const [, i] of text.matchAll(/round-(\d+)@example\.org/g)) rememberedLogins.add(Number(i))
      for (const [key] of text.matchAll(/\b[0-9a-f]{64}\b/g)) {
        rememberedKeys.add(keys.findIndex((each) => each.equals(Buffer.from(key, 'hex'))))
      }
    }
    const isOver = (i: number) => i >= 0 && i < sessions
    expect([...rememberedLogins].filter(isOver)).toEqual([])
    expect([...rememberedKeys].filter(isOver)).toEqual([])
    // It was looked for in the right place.
    expect(rememberedLogins.size + rememberedKeys.size).toBeGreaterThan(0)
  })
})
