import type { RecordJSON } from 'adminjs'
import { useState } from 'react'

/** The rows that are ticked, by record id. */
export type Ticks = ReadonlyMap<string, RecordJSON>

/** The server takes so many by their ids at a time; whatever matches a filter can be more. */
export const mostTicked = 500

/** By resource id. Kept outside the list: AdminJS unmounts it and mounts a new one when a drawer opens over it. */
const kept = new Map<string, Ticks>()

const none: Ticks = new Map()

/** The ticks of a resource, and how to change them; they outlive the component. */
export function useTicks(resourceId: string): [Ticks, (change: (ticks: Ticks) => Ticks) => void] {
  const [, renderAnew] = useState(none)
  const change = (make: (ticks: Ticks) => Ticks) => {
    const next = make(kept.get(resourceId) ?? none)
    kept.set(resourceId, next)
    renderAnew(next)
  }
  return [kept.get(resourceId) ?? none, change]
}

/** Unticks sessions that have ended. */
export function untick(resourceId: string, ids: Iterable<string>): void {
  kept.set(resourceId, without(kept.get(resourceId) ?? none, ids))
}

/** Only a row with a bulk action has a checkbox: one's own session has none. */
export function canBeTicked(record: RecordJSON): boolean {
  return record.bulkActions.length > 0
}

export function toggle(ticks: Ticks, record: RecordJSON): Ticks {
  return ticks.has(record.id) ? without(ticks, [record.id]) : atMost([...ticks, [record.id, record]])
}

/** Ticks every row of the page that has a checkbox, or unticks them if all of them are ticked. */
export function toggleAll(ticks: Ticks, page: RecordJSON[]): Ticks {
  const boxes = page.filter(canBeTicked)
  if (boxes.every(({ id }) => ticks.has(id))) {
    return without(
      ticks,
      boxes.map(({ id }) => id),
    )
  }
  return atMost([...ticks, ...boxes.map((record) => [record.id, record] as const)])
}

function atMost(ticks: (readonly [string, RecordJSON])[]): Ticks {
  return new Map([...new Map(ticks)].slice(0, mostTicked))
}

export function without(ticks: Ticks, ids: Iterable<string>): Ticks {
  const rest = new Map(ticks)
  for (const id of ids) rest.delete(id)
  return rest
}

/** The ticked rows, updated from this page, without those that have lost their checkbox. */
export function refreshed(ticks: Ticks, page: RecordJSON[]): Ticks {
  const fresh = new Map(page.map((record) => [record.id, record]))
  const rows = [...ticks.values()].map((record) => fresh.get(record.id) ?? record)
  return new Map(rows.filter(canBeTicked).map((record) => [record.id, record]))
}

/** The ticked ids that are not on this page: they are on another page, or have ended. */
export function offPage(ticks: Ticks, page: RecordJSON[]): string[] {
  const here = new Set(page.map(({ id }) => id))
  return [...ticks.keys()].filter((id) => !here.has(id))
}
