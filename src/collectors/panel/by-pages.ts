import { setImmediate } from 'node:timers/promises'
import { messageWithout } from './message-without.js'

/** Sessions that are asked for at a time: 10,000 in one answer stop the host's event loop for 40 ms. */
export const pageSize = 1000

/**
 * All sessions of a table, page by page in the order of their ids. A session that is there all the while is in it, and
 * only once.
 *
 * @param page at most `pageSize` sessions whose ids come after the given one, in the order of the ids; after `''` come all
 */
export async function byPages<Session extends { sid: string }>(
  signal: AbortSignal,
  page: (after: string) => Promise<Session[]>,
): Promise<Session[]> {
  const all: Session[] = []
  for (let after = ''; ; after = all.at(-1)!.sid) {
    signal.throwIfAborted()
    const sessions = await page(after).catch((error: unknown) => {
      throw new Error(messageWithout([after], error))
    })
    all.push(...sessions)
    if (sessions.length < pageSize) return all
    await setImmediate()
  }
}
