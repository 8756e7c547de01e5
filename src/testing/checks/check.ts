import type { Trial } from '../harness.js'

/** One rule of the contract, and how it is tried. */
export interface Check {
  name: string
  /** The rule, in a sentence. */
  says: string
  /** Checks without which this one can say nothing. */
  needs?: readonly string[]
  /** @throws Finding where the rule does not hold, NotChecked where it cannot be tried */
  run(trial: Trial): Promise<void>
}
