/** Chance that can be had again: the same seed makes the same choices. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  /** One of these. */
  of<T>(choices: readonly T[]): T
}

/**
 * Chance from a seed, by the mulberry32 generator (https://github.com/cprosche/mulberry32): 32 bits of state, good
 * enough to mix up a test.
 */
export function seeded(seed: number): Chance {
  let state = seed >>> 0
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
  return { below, of: (choices) => choices[below(choices.length)]! }
}

/** The seed of this run: another each time, or the one in the environment's `TRUST_SEED`. */
export const seed = Number(process.env.TRUST_SEED ?? Date.now() % 1_000_000)
