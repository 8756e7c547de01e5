import { rowsMeant } from '../actions/session-scope.js'
import { checkOptions, optionsOf, text } from '../collectors/check-options.js'
import { identityOf, policyShape, type Policy, type PolicyOptions } from './policy.js'

/** What `quietHours` takes. */
export interface QuietHoursOptions extends PolicyOptions {
  /** When they begin, on every day: `'22:00'`. */
  from: string
  /** When they are over: `'06:00'`; on the next day where that is earlier than `from`. */
  to: string
  /** Whose clock: a name of the IANA database, `'Europe/Berlin'`. */
  timeZone: string
}

const time = text('a time like "22:00"', (said) => /^([01]\d|2[0-3]):[0-5]\d$/.test(said))
const shape = optionsOf({
  ...policyShape,
  from: time,
  to: time,
  timeZone: text('a time zone like "Europe/Berlin"', isTimeZone),
})

/**
 * Ends every session at certain hours, and whatever opens meanwhile. An FTP session that is moving a file ends after it.
 * Think of `except`: without it, nobody stays.
 *
 * @throws TypeError where an option is wrong, or `from` is `to`
 * @example policies: [quietHours({ kind: 'ftp', from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' })]
 */
export function quietHours(options: QuietHoursOptions): Policy {
  const { from, to, timeZone, ...policy } = checkOptions('quietHours', shape, options)
  if (from === to) throw new TypeError(`quietHours: from and to are both ${from}; expected two different times.`)
  const { kind, source } = policy
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone })
  return {
    ...policy,
    name: policy.name ?? `quiet hours (${kind})`,
    reason: policy.reason ?? `no sessions between ${from} and ${to}`,
    whenIdle: kind === 'ftp',
    clockSteadyFor: 0,
    identity: identityOf('quietHours', { from, to, timeZone, ...policy }),
    async *chosen(sessions, now) {
      const time = clock.format(now)
      const isQuiet = from < to ? from <= time && time < to : from <= time || time < to
      if (isQuiet) yield* rowsMeant(sessions, { source })
    },
  }
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name })
    return true
  } catch {
    return false
  }
}
