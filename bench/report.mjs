import { openSync, readSync } from 'node:fs'

/** The middle one of several measurements. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** Runs something several times and gives the median of its times, in ms. */
export async function timed(times, run) {
  const took = []
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    await run(i)
    took.push(performance.now() - start)
  }
  return median(took)
}

/**
 * The longest that the event loop was not let go while something ran, until it was over, in ms, by a ticker of its own: of
 * the time that went by and, where the system (Linux) tells it, the processor's time of this thread, the lesser, so that
 * what other programs do meanwhile does not count.
 */
export async function longestGap(run) {
  let last = now()
  let longest = 0
  const tick = () => {
    const { wall, thread } = now()
    longest = Math.max(longest, Math.min(wall - last.wall, thread - last.thread))
    last = now()
    ticking = setImmediate(tick)
  }
  let ticking = setImmediate(tick)
  await run()
  clearImmediate(ticking)
  tick()
  clearImmediate(ticking)
  return longest
}

const now = () => ({ wall: performance.now(), thread: threadTime() })

const schedule = openIfThere('/proc/thread-self/schedstat')
const read = Buffer.alloc(64)

/** For how long this thread has run, in ms. */
function threadTime() {
  if (schedule === undefined) return performance.now()
  const length = readSync(schedule, read, 0, read.length, 0)
  return parseInt(read.toString('latin1', 0, length)) / 1e6
}

function openIfThere(path) {
  try {
    return openSync(path, 'r')
  } catch {
    return undefined
  }
}

let missed = 0

/** Prints one measurement beside what it must not exceed. */
export function say(what, value, unit, most) {
  const verdict = most === undefined ? '' : value <= most ? `  (at most ${most}: kept)` : `  (at most ${most}: MISSED)`
  if (most !== undefined && value > most) missed++
  console.log(`${what.padEnd(78)} ${value.toFixed(value < 10 ? 2 : 1).padStart(9)} ${unit}${verdict}`)
}

/** Ends with an error where something was missed. */
export function finish() {
  process.exitCode = missed > 0 ? 1 : 0
}
