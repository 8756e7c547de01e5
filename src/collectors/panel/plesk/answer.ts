import type { Entry } from './entry-fields.js'
import { errorOf, type PleskError, quoted, readPacket, Unexpected } from './packet.js'

/** What Plesk's XML API can be asked of sessions. */
export type Operation = 'get' | 'terminate'

/** What Plesk answered: whether it did what it was asked, and the sessions that it told of. */
export interface Answer {
  /** Why it did not; null where it did. */
  error: PleskError | null
  sessions: Entry[]
}

/**
 * Reads Plesk's answer to an operation.
 *
 * @throws where it is no XML, or not the answer to that; the signal's reason when it is aborted
 * @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-sessions.40398
 */
export async function answerIn(xml: readonly Buffer[], operation: Operation, signal: AbortSignal): Promise<Answer> {
  const result = `/packet/session/${operation}/result/`
  // An error before any operation is told here.
  const system = '/packet/system/'
  const session = `${result}session`
  const sessions: Entry[] = []
  const statuses: string[] = []
  const said = new Map<string, string>()
  let entry = new Map<string, string>()
  const ended = (path: string, text: string) => {
    const [before] = [result, system].filter((one) => path.startsWith(one))
    if (path === session) {
      if (!entry.get('id')) throw new Unexpected(`session ${sessions.length + 1} has no id`)
      sessions.push(entry)
      entry = new Map()
    } else if (path.startsWith(`${session}/`)) entry.set(path.slice(session.length + 1), text)
    else if (before !== undefined) {
      const name = path.slice(before.length)
      if (name === 'status') statuses.push(text.trim())
      else if (name === 'errcode' || name === 'errtext') said.set(name, text.trim())
    }
  }
  await readPacket(xml, signal, ended)
  if (statuses.includes('error')) return { error: errorOf(said), sessions }
  const strange = statuses.find((status) => status !== 'ok')
  if (strange !== undefined) throw new Unexpected(`its status is ${quoted(strange)}`)
  if (statuses.length === 0) throw new Unexpected('it has no status')
  return { error: null, sessions }
}
