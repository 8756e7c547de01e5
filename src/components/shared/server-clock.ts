import { useSyncExternalStore } from 'react'

/**
 * The server's clock, as far as the page knows it. Idle times are measured by it: the browser's clock may be hours off.
 * One timer serves all running times, so that they tick together.
 */
let ahead = 0
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined
const watchers = new Set<() => void>()

/** Sets the clock by the time (ISO) in the server's latest answer. */
export function hearServerTime(iso: string): void {
  const said = Date.parse(iso)
  if (!Number.isNaN(said)) ahead = said - Date.now()
}

/** The server's time in ms; renders again each second. */
export function useServerNow(): number {
  return useSyncExternalStore(watch, () => now)
}

function watch(changed: () => void): () => void {
  watchers.add(changed)
  if (!timer) {
    tick()
    timer = setInterval(tick, 1000)
  }
  return () => {
    watchers.delete(changed)
    if (watchers.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function tick(): void {
  now = Date.now() + ahead
  for (const changed of watchers) changed()
}
