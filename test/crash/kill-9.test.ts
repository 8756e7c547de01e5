import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fork, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** `npm run test:long` kills it 200 times. */
const rounds = Number(process.env.KILLS ?? 8)
const child = fileURLToPath(new URL('./back-office.child.mjs', import.meta.url))

interface Afterwards {
  removals: { key: string; outcome: string }[]
  rows: string[]
  files: string[]
}

describe('a back office that is killed with -9 in the middle of a removal', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kill-9-'))
  })
  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  test(
    `loses nothing, ${rounds} times`,
    async () => {
      const seen = { finished: 0, interrupted: 0 }
      for (let round = 0; round < rounds; round++) {
        const place = join(directory, String(round))
        mkdirSync(join(place, 'sessions'), { recursive: true })
        const targets = Array.from({ length: 60 }, (_, i) => `target-${i}`)
        for (const key of [...targets, 'bystander-1', 'bystander-2']) writeFileSync(join(place, 'sessions', key), '')
        const batch = randomUUID()

        const killed = fork(child, [place, batch, 'remove'])
        await message(killed, (said) => said === 'asking')
        // At any time after the asking, or when so many have been ended.
        if (round % 2 === 0) await sleep(Math.random() * 120)
        else await countdown(killed, 1 + Math.floor(Math.random() * 50))
        killed.kill('SIGKILL')
        await once(killed, 'exit')

        const endedBefore = endedIn(place).length

        const { removals, rows, files } = await message<Afterwards>(
          fork(child, [place, batch, 'settle']),
          (said) => said !== 'ended one',
        )
        const outcomes = new Map(removals.map(({ key, outcome }) => [key, outcome]))
        const ended = endedIn(place)
        for (const key of ended) expect(outcomes.get(key)).toBe('ended')
        for (const outcome of outcomes.values()) expect(outcome).toBe('ended')
        // What is on record has ended, what is not on record is still there.
        expect(targets.filter((key) => files.includes(key))).toEqual(targets.filter((key) => !outcomes.has(key)))
        expect(files).toEqual(expect.arrayContaining(['bystander-1', 'bystander-2']))
        expect(rows).toEqual(files)
        if (endedBefore > 0 && endedBefore < targets.length) seen.interrupted++
        else seen.finished++
      }
      // Proof that the kills came in the middle of things, at least now and then.
      if (rounds >= 50) expect(seen.interrupted).toBeGreaterThan(0)
    },
    rounds * 60_000,
  )
})

/** What is known to have been ended, whatever became of the process that did it. */
function endedIn(place: string): string[] {
  const file = join(place, 'ended')
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
}

/** The first message of a kind. */
function message<T>(process: ChildProcess, wanted: (said: unknown) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    process.on('message', (said) => wanted(said) && resolve(said as T))
    process.once('exit', (code) => reject(new Error(`The child ended with ${code}.`)))
  })
}

/** Resolves when the child has ended so many sessions. */
async function countdown(process: ChildProcess, left: number): Promise<void> {
  await message(process, (said) => said === 'ended one' && --left === 0)
}
