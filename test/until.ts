import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until a condition holds; fails, saying which, when it has not within `ms`. */
export async function until<T>(what: string, condition: () => T | Promise<T>, ms = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + ms
  for (;;) {
    const value = await condition()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`Not within ${ms / 1000} s: ${what}`)
    await sleep(20)
  }
}
