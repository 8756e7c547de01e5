import type { ListedPanelSession } from '../../../session-source.js'
import { ipOf } from '../../../text/address.js'
import { decodeName } from '../../../text/decode-name.js'
import { logClock } from '../../ftp/log/log-time.js'

/** A session in Plesk's list: what its elements say, by their names. */
export type Entry = ReadonlyMap<string, string>

/**
 * What a session of Plesk's shows, but for its key; and what is to be doubted of it, in a sentence.
 *
 * @param zone the IANA zone of times that do not say theirs; without one they are unknown
 * @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-sessions/retrieving-sessions-list.40403
 */
export function fieldsOf(
  entry: Entry,
  zone?: string,
): { fields: Omit<ListedPanelSession, 'key'>; doubt: string | null } {
  const loggedIn = timeOf(entry.get('login-time'), zone)
  // It is the moment of the last act, whatever its name says.
  const lastActive = timeOf(entry.get('idle'), zone)
  const isAhead = lastActive.at !== null && lastActive.at.getTime() > Date.now() + clocksApart
  const login = entry.get('login') ?? ''
  return {
    fields: {
      type: types.get(entry.get('type')?.trim() ?? '') ?? null,
      login: login === '' ? null : shown(login),
      ip: ipOf(entry.get('ip-address')?.trim()),
      loggedInAt: loggedIn.at,
      lastActiveAt: lastActive.at,
    },
    doubt: loggedIn.doubt ?? lastActive.doubt ?? (isAhead ? aheadOf(entry.get('idle')!) : null),
  }
}

/** Plesk's own page puts them together like this. */
const types = new Map([
  ['admin', 'administrator'],
  ['reseller', 'reseller-or-customer'],
  ['client', 'reseller-or-customer'],
  ['domain-admin', 'reseller-or-customer'],
  ['mail-user', 'mailbox-owner'],
])

/** The clocks of two machines that are kept right are no further apart, in ms. */
const clocksApart = 600_000

/**
 * A moment in Plesk's list. Its documentation calls it a date and shows `2007-02-20T05:21:00`, which is local time in a
 * zone that nothing tells; XML Schema's dateTime may have the zone behind it.
 */
function timeOf(said: string | undefined, zone: string | undefined): { at: Date | null; doubt: string | null } {
  const text = said?.trim() ?? ''
  if (text === '') return { at: null, doubt: null }
  const unreadable = { at: null, doubt: `Plesk tells a time that cannot be read (${quoted(text)}): it is left out.` }
  const parts = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?(Z|[+-]\d\d:?\d\d)?$/.exec(text)
  if (!parts) return unreadable
  const [, year, month, day, hour, minute, second = '00', offset] = parts as unknown as string[]
  if (offset === undefined && zone === undefined) {
    return {
      at: null,
      doubt:
        `Plesk tells times without their zone (${quoted(text)}), so they are left out: say in which zone its clock is ` +
        "by the option timeZone, like plesk({ timeZone: 'Europe/Berlin' }).",
    }
  }
  const at = offset
    ? Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${offset.replace(/(\d\d):?(\d\d)$/, '$1:$2')}`)
    : logClock(zone!)({ year: year!, month: month!, day: day!, hour: hour!, minute: minute!, second })
  return at === null || Number.isNaN(at) ? unreadable : { at: new Date(at), doubt: null }
}

function aheadOf(idle: string): string {
  return (
    `Plesk tells that somebody was last active at ${quoted(idle.trim())}, which is yet to come: check its clock and ` +
    "this machine's, and the option timeZone."
  )
}

const shown = (text: string) => decodeName(Buffer.from(text))
const quoted = (text: string) => JSON.stringify(shown(text.slice(0, 60)))
