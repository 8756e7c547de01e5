import { setTimeout as sleep } from 'node:timers/promises'

/** What takes longer, hangs: no machine is so busy. In ms; Jest's own limit (jest.config.mjs) is longer still. */
export const hangs = 120_000

/** For `checkSource`: only a source that breaks the contract takes longer. */
export const patience = { within: hangs }

/** Waits until a condition holds; fails, saying which, when it never does. */
export async function until<T>(what: string, condition: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = performance.now() + hangs
  // Less and less often: many a condition goes through all processes of the machine.
  for (let wait = 10; ; wait = Math.min(200, wait * 2)) {
    const value = await condition()
    if (value) return value
    if (performance.now() > deadline) throw new Error(`Not within ${hangs / 1000} s: ${what}`)
    await sleep(wait)
  }
}
