import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FtpSource } from '../../src/session-source.js'
import { backEnd } from '../engine/back-end.js'
import { thorough } from '../thorough.js'
import { hangs } from '../until.js'
import { filesAsSessions } from './files-as-sessions.mjs'

/** `npm run test:long` kills it 200 times. */
const rounds = Number(process.env.KILLS ?? (thorough ? 8 : 4))
const child = fileURLToPath(new URL('./back-office.child.mjs', import.meta.url))

describe('a back office that is killed with -9 in the middle of a removal', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kill-9-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test(`loses nothing, ${rounds} times`, async () => {
    const seen = { finished: 0, interrupted: 0 }
    const settling: Promise<void>[] = []
    for (let round = 0; round < rounds; round++) {
      const place = join(directory, String(round))
      const batch = await killInTheMiddle(place, round)
      const ended = endedIn(place).length
      if (ended > 0 && ended < targets.length) seen.interrupted++
      else seen.finished++
      // Each waits for seconds until the killed one counts as dead: several at once.
      settling.push(expectSettled(place, batch))
      if (settling.length === 8) await Promise.all(settling.splice(0))
    }
    await Promise.all(settling)
    // Proof that the kills came in the middle of things, at least now and then.
    if (rounds >= 50) expect(seen.interrupted).toBeGreaterThan(0)
  })
})

const targets = Array.from({ length: 60 }, (_, i) => `target-${i}`)

/** Has a back office end all targets, and kills it in the middle of that. Gives the batch. */
async function killInTheMiddle(place: string, round: number): Promise<string> {
  mkdirSync(join(place, 'sessions'), { recursive: true })
  for (const key of [...targets, 'bystander-1', 'bystander-2']) writeFileSync(join(place, 'sessions', key), '')
  const batch = randomUUID()
  const killed = fork(child, [place, batch])
  await message(killed, (said) => said === 'asking')
  // At any time after the asking, or when so many have been ended.
  if (round % 2 === 0) await sleep(Math.random() * 120)
  else await countdown(killed, 1 + Math.floor(Math.random() * 50))
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  return batch
}

/** This process is the next one: by its engine every record gets its outcome, and all of it is true. */
async function expectSettled(place: string, batch: string): Promise<void> {
  const database = { type: 'sqlite' as const, database: join(place, 'tables.sqlite') }
  const next = await backEnd(filesAsSessions(place) as FtpSource, { database, pollEvery: 20 })
  next.start()
  const removals = await next.records.outcomes(batch, 'ftp', hangs)
  await next.collector.poll()
  const rows = await next.keys()
  await next.stop()
  const files = readdirSync(join(place, 'sessions')).sort()
  const outcomes = new Map(removals.map(({ key, outcome }) => [key, outcome]))
  for (const key of endedIn(place)) expect(outcomes.get(key)).toBe('ended')
  for (const outcome of outcomes.values()) expect(outcome).toBe('ended')
  // What is on record has ended, what is not on record is still there.
  expect(targets.filter((key) => files.includes(key))).toEqual(targets.filter((key) => !outcomes.has(key)))
  expect(files).toEqual(expect.arrayContaining(['bystander-1', 'bystander-2']))
  expect(rows).toEqual(files)
}

/** What is known to have been ended, whatever became of the process that did it. */
function endedIn(place: string): string[] {
  const file = join(place, 'ended')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

/** The first message of a kind. */
function message(process: ChildProcess, wanted: (said: unknown) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    process.on('message', (said) => wanted(said) && resolve())
    process.once('exit', (code) => reject(new Error(`The child ended with ${code}.`)))
  })
}

/** Resolves when the child has ended so many sessions. */
async function countdown(process: ChildProcess, left: number): Promise<void> {
  await message(process, (said) => said === 'ended one' && --left === 0)
}
