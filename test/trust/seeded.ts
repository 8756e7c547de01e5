import { createHash } from 'node:crypto'

/** Chance that can be had again: the same seed makes the same choices. */
export interface Chance {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
  /** One of these. */
  of<T>(choices: readonly T[]): T
}

export function seeded(seed: number | string): Chance {
  let drawn = 0
  const below = (limit: number) => createHash('sha256').update(`${seed} ${drawn++}`).digest().readUInt32LE() % limit
  return { below, of: (choices) => choices[below(choices.length)]! }
}

/** The seed of this run: another each time, or the one in the environment's `TRUST_SEED`. */
export const seed = Number(process.env.TRUST_SEED ?? Date.now() % 1_000_000)
