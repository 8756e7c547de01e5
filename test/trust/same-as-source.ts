import { rowValue } from '../../src/text/stored-value.js'
import type { ListedSession } from '../../src/session-source.js'
import { until } from '../until.js'

/** A session or its row, as far as it is to be compared. */
type Fields = Record<string, unknown>

/**
 * Waits until the rows are what the source lists anew; for the engine is to get there by itself, however often it was
 * disturbed. Only where nothing goes on at the server any more.
 *
 * @param list lists the source past the engine
 * @param rows reads the rows that the engine keeps of it
 * @throws Error with every difference that is left
 */
export async function expectSameAsSource(
  list: () => Promise<ListedSession[]>,
  rows: () => Promise<object[]>,
): Promise<void> {
  let left: string[] = []
  const same = async () => {
    left = differences(await list(), (await rows()) as Fields[])
    return left.length === 0
  }
  await until('the rows are what the source lists', same).catch((error: Error) => {
    throw new Error([error.message, ...left].join('\n'), { cause: error })
  })
}

/** Every difference between a list and the rows that should say the same, each in a line. */
function differences(listed: ListedSession[], rows: Fields[]): string[] {
  const left = new Map(rows.map((row) => [String(row.key), row]))
  const found = left.size === rows.length ? [] : [`${rows.length} rows have only ${left.size} keys`]
  for (const { handle: _, ...session } of listed) {
    const row = left.get(session.key)
    left.delete(session.key)
    if (row === undefined) found.push(`${session.key}: is a session and has no row`)
    else found.push(...differencesOf(session, row))
  }
  return [...found, ...[...left.keys()].map((key) => `${key}: has a row and is no session`)]
}

function differencesOf(session: Fields & { key: string }, row: Fields): string[] {
  return Object.entries(session)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => [field, JSON.stringify(rowValue(value)), JSON.stringify(row[field])])
    .filter(([, listed, kept]) => listed !== kept)
    .map(([field, listed, kept]) => `${session.key}: ${field} is ${listed}, and its row says ${kept}`)
}
