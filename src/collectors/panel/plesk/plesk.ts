import type { ListedPanelSession, PanelSource } from '../../../session-source.js'
import { inSlices } from '../../../timing/event-loop.js'
import { sourceName, text } from '../../check-options.js'
import { isZone } from '../../ftp/log/log-time.js'
import { Refusal } from '../../refusal.js'
import { checkConnection, type PleskConnection } from './connection-options.js'
import { fieldsOf } from './entry-fields.js'
import { ofSessions, pleskApi, PleskRefusal } from './xml-api.js'
import { sessionKey } from '../session-key.js'

/** Options of `plesk`. */
export type PleskOptions = {
  /**
   * The zone of Plesk's clock, for times that do not say theirs, as in Plesk's documentation. Default: none; such times
   * are unknown then, and the page says so.
   * @example 'Europe/Berlin'
   */
  timeZone?: string
  /**
   * The source's name, unique on its host: give each Plesk its own.
   * @default 'plesk'
   */
  name?: string
} & PleskConnection

const own = {
  name: sourceName.default('plesk'),
  timeZone: text("an IANA zone such as 'Europe/Berlin'", isZone).optional(),
}

/** Ten thousand sessions take 3 MiB. */
const longest = 8 << 20

/** What Plesk says no with where it is not allowed, and not where it fails. */
const notAllowed = new Set<number | null>([1001, 1006, 1010, 1011, 1012, 11003])
/** "Session does not exist" */
const gone = 1013

/**
 * Who is logged in to a Plesk, over its XML API: what its own page of active sessions shows. See docs/plesk.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * plesk({ url: 'https://plesk.example.com:8443', apiKey: process.env.PLESK_API_KEY! })
 * @example
 * plesk({ url: 'https://192.0.2.1:8443', login: 'admin', password: process.env.PLESK_PASSWORD!, fingerprint: '3F:A1:…' })
 * @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-sessions.40398
 */
export function plesk(options: PleskOptions): PanelSource {
  const { base, trust, logon, name, timeZone } = checkConnection('plesk', options, own)
  const { ask } = pleskApi(base, logon, trust, { longest })
  let doubts = new Set<string>()

  async function list(signal: AbortSignal): Promise<ListedPanelSession[]> {
    const { sessions: entries } = await ask(ofSessions('get', null), signal)
    const sessions = new Map<string, ListedPanelSession>()
    // One doubt of each kind is enough, and what Plesk said differs in each.
    const kinds = new Map<string, string>()
    await inSlices(entries, signal, (entry) => {
      const id = entry.get('id')!
      const { fields, doubt } = fieldsOf(entry, timeZone)
      const key = sessionKey(id)
      sessions.set(key, { key, handle: id, ...fields })
      if (doubt !== null) kinds.set(doubt.replace(/".*"/, ''), doubt)
    })
    doubts = new Set(kinds.values())
    return [...sessions.values()]
  }

  async function end(
    { key, login, handle }: ListedPanelSession,
    signal: AbortSignal,
    fresh: () => Promise<ListedPanelSession[]>,
  ): Promise<'asked' | 'already-gone'> {
    signal.throwIfAborted()
    // One that is not in it may be newer than that list; whether it has gone Plesk tells when it is asked to end it.
    const found = (await fresh()).find((session) => session.key === key)
    if (found && found.login !== login) {
      throw new Refusal('anotherLogin')
    }
    try {
      await ask(ofSessions('terminate', handle as string), signal)
      return 'asked'
    } catch (error) {
      if (!(error instanceof PleskRefusal)) throw error
      if (error.code === gone) return 'already-gone'
      const { code, answer, todo } = error
      throw notAllowed.has(code) ? new Refusal('pleskRefused', { answer, todo }) : error
    }
  }

  return {
    ...{ name, kind: 'panel', evidence: 'live', list, end },
    warnings: () => [...doubts],
    endsBy: 'session/terminate of its id through the XML API.',
  }
}
