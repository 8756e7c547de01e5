/** The most rows that AdminJS gives at a time. */
const most = 500
const usual = [10, 25, 50, 100, most]

const place = 'adminjs-sessions.rows'

/** The sizes to choose from, and the one that is in use. */
export function pageSizes(now: number): number[] {
  return [...new Set([...usual, now])].sort((a, b) => a - b)
}

/** How many rows this browser's user wants on a page; null where that was never said. */
export function keptPageSize(): number | null {
  try {
    const rows = Number(localStorage.getItem(place))
    return Number.isInteger(rows) && rows >= 1 && rows <= most ? rows : null
  } catch {
    // A browser may forbid it.
    return null
  }
}

export function keepPageSize(rows: number): void {
  try {
    localStorage.setItem(place, String(rows))
  } catch {
    // Then it lasts for as long as the page.
  }
}
