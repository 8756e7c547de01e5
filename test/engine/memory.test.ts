import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'

/** `npm run test:long` looks 10,000 times. */
const looks = Number(process.env.LOOKS ?? 1000)
/** Of six hours each: in the last twelve of them, three days, something may still be remembered. */
const rounds = looks / 250
const remembered = 12

/** What a process of its own finds: this one's memory is full of other things. */
async function found<Answer>(task: string, count: number): Promise<Answer> {
  const child = fork(fileURLToPath(new URL('memory.child.mjs', import.meta.url)), [task, String(count)], {
    execArgv: [],
  })
  const [first] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [Answer]
  if (child.connected) await once(child, 'exit')
  expect(child.exitCode).toBe(0)
  return first
}

test(`memory stays flat over ${looks} looks`, async () => {
  // Ten thousand looks that leaked one row each would be twice that.
  expect(await found<number>('looks', looks)).toBeLessThan(1_000_000)
})

test(`of sessions that were listed, removed, held and kept out, login and key are not in memory three days later`, async () => {
  const { sessions, logins, keys } = await found<Record<'logins' | 'keys', number[]> & { sessions: number }>(
    'forgotten',
    rounds + remembered,
  )
  const over = (sessions * rounds) / (rounds + remembered)
  expect(over).toBeGreaterThanOrEqual(20)
  expect(logins.filter((i) => i < over)).toEqual([])
  expect(keys.filter((i) => i < over)).toEqual([])
  // It was looked for in the right place.
  expect(logins.length + keys.length).toBeGreaterThan(0)
})
