import { keepChoice, keptChoice } from '../shared/kept-choice.js'

/** The most rows that AdminJS gives at a time. */
const most = 500
const usual = [10, 25, 50, 100, most]

/** The sizes to choose from, and the one that is in use. */
export function pageSizes(now: number): number[] {
  return [...new Set([...usual, now])].sort((a, b) => a - b)
}

/** How many rows this browser's user wants on a page; null where that was never said. */
export function keptPageSize(): number | null {
  return keptChoice(
    'rows',
    (rows): rows is number => Number.isInteger(rows) && Number(rows) >= 1 && Number(rows) <= most,
  )
}

export function keepPageSize(rows: number): void {
  keepChoice('rows', rows)
}
