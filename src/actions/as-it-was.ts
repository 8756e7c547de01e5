import type { FtpSessionRow, PanelSessionRow } from '../database/rows.js'

type Row = PanelSessionRow | FtpSessionRow

/** The times of a row; kept as JSON beside a removal or after the row's end, they are texts. */
const times = new Set(['lastActiveAt', 'loggedInAt', 'expiresAt', 'connectedAt'])

/** What a removal's record has of the session that it is about. */
export function asRecorded(row: Row) {
  const { host, source, key, login, person, ip } = row
  return { host, source, key, login, person, ip, session: row }
}

/** A row out of its JSON, as `access.remove` gets a living one: with times that are dates. */
export function asItWas(session: Row): Row {
  return Object.fromEntries(
    Object.entries(session).map(([field, value]: [string, unknown]) => [
      field,
      times.has(field) && typeof value === 'string' ? new Date(value) : value,
    ]),
  ) as unknown as Row
}
