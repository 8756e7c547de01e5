/** Options of `checkSource`: how long the kit waits for what. More on a machine that is busy with other work. */
export interface CheckOptions {
  /**
   * How long the server and the source may take to show a change, to answer and to stop, in ms. A check that fails
   * takes that long.
   * @default 10000
   */
  within?: number
  /**
   * How long a client does nothing where idle times are checked, in ms. At least 1500, for many servers count whole
   * seconds.
   * @default 1500
   */
  idleFor?: number
  /**
   * How far the clocks of this machine and of the server may be apart, in ms.
   * @default 5000
   */
  clocksApart?: number
  /**
   * How long watchers may take to close after the signal of `start`, in ms. For as long again no hint may come.
   * @default 250
   */
  quietAfter?: number
}

export type Limits = Required<CheckOptions>

/** By how much a time may be off that is computed from whole seconds, in ms. */
export const wholeSecond = 1000

/** @throws TypeError if one is too short to show anything */
export function limitsOf({
  within = 10_000,
  idleFor = 1500,
  clocksApart = 5000,
  quietAfter = 250,
}: CheckOptions): Limits {
  if (!(idleFor >= 1500)) {
    throw new TypeError(
      `checkSource: idleFor is ${idleFor}; expected at least 1500 ms, for many servers count whole seconds.`,
    )
  }
  return { within, idleFor, clocksApart, quietAfter }
}

/** Sleeps by the global timers: a test of the checks can fake them. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
