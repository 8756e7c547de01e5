import type { RecordJSON } from 'adminjs'
import { useState } from 'react'

/** The rows of a table that somebody points at: each in its place. */
export interface SteadyRows {
  records: RecordJSON[]
  /** Ids of those that are no longer on the page; they are as they were last seen. */
  left: ReadonlySet<string>
  /** How many are new on the page and not among these. */
  waiting: number
}

/** The fresh rows in the places of those that are shown; what is new waits, what has left the page stays where it was. */
export function steadied(shown: RecordJSON[], fresh: RecordJSON[]): SteadyRows {
  const byId = new Map(fresh.map((record) => [record.id, record]))
  const here = new Set(shown.map(({ id }) => id))
  return {
    records: shown.map((record) => byId.get(record.id) ?? record),
    left: new Set(shown.filter(({ id }) => !byId.has(id)).map(({ id }) => id)),
    waiting: fresh.filter(({ id }) => !here.has(id)).length,
  }
}

/**
 * The rows of a page, none of which moves while it is held: from one answer to the next, not over another query.
 *
 * @param query whose rows these are
 */
export function useSteadyRows(fresh: RecordJSON[], held: boolean, query: string): SteadyRows & { letIn(): void } {
  const [kept, setKept] = useState<{ query: string; records: RecordJSON[] }>({ query, records: fresh })
  const letIn = () => setKept({ query, records: fresh })
  if (!held || kept.query !== query) {
    // Adjusted while it renders: react.dev/reference/react/useState, "Storing information from previous renders".
    if (kept.records !== fresh || kept.query !== query) letIn()
    return { records: fresh, left: new Set(), waiting: 0, letIn }
  }
  return { ...steadied(kept.records, fresh), letIn }
}
