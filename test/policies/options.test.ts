import { expect, test } from '@jest/globals'
import type { SessionRows } from '../../src/actions/cut.js'
import { endIdle } from '../../src/policies/end-idle.js'
import { mostSessions } from '../../src/policies/most-sessions.js'
import { quietHours } from '../../src/policies/quiet-hours.js'

const night = { kind: 'ftp', from: '22:00', to: '06:00', timeZone: 'UTC' } as const

test.each([
  [() => endIdle({ minutes: 5 } as never), 'endIdle: option "kind" is missing; expected "panel" or "ftp".'],
  [() => endIdle({ kind: 'ftp', minutes: 0 }), 'endIdle: option "minutes" is 0; expected at least 1 minute.'],
  [() => endIdle({ kind: 'ftp', minutes: 5, hours: 1 } as never), 'endIdle: no option of that name: hours'],
  [() => endIdle({ kind: 'ftp', minutes: 5, tryFor: -1 }), 'expected a number of hours, 0 to end at once.'],
  [() => mostSessions({ kind: 'ftp', atMost: 0, end: 'newest' }), 'expected at least 1 session.'],
  [() => mostSessions({ kind: 'ftp', atMost: 1.5, end: 'newest' }), 'expected a whole number of sessions.'],
  [() => mostSessions({ kind: 'ftp', atMost: 1 } as never), 'option "end" is missing; expected "newest" or "oldest".'],
  [() => quietHours({ ...night, from: '24:00' }), 'option "from" is "24:00"; expected a time like "22:00".'],
  [() => quietHours({ ...night, timeZone: 'Berlin' }), 'expected a time zone like "Europe/Berlin".'],
  [() => quietHours({ ...night, to: '22:00' }), 'from and to are both 22:00; expected two different times.'],
])('%s is refused', (make, message) => {
  expect(make).toThrow(TypeError)
  expect(make).toThrow(message)
})

test('the reason on record is in words, in one and in many', () => {
  const reasons = [1, 5, 60, 90].map((minutes) => endIdle({ kind: 'ftp', minutes }).reason)
  expect(reasons).toEqual(['1 minute', '5 minutes', '1 hour', '90 minutes'].map((so) => `nothing was done for ${so}`))
  const more = [1, 2].map((atMost) => mostSessions({ kind: 'ftp', atMost, end: 'newest' }).reason)
  expect(more).toEqual(['more than 1 session of one login', 'more than 2 sessions of one login'])
})

/** A table that has one row, whatever it is asked. */
const table = { find: async () => [{ id: 1 }] } as unknown as SessionRows

test.each([
  [
    'over midnight',
    night,
    { '21:59': false, '22:00': true, '23:59': true, '00:00': true, '05:59': true, '06:00': false },
  ],
  [
    'within a day',
    { ...night, from: '12:00', to: '13:00' },
    { '11:59': false, '12:00': true, '12:59': true, '13:00': false },
  ],
  [
    'elsewhere',
    { ...night, timeZone: 'Asia/Kolkata' },
    { '16:29': false, '16:30': true, '00:29': true, '00:30': false },
  ],
])('quiet hours %s', async (_, options, times) => {
  const policy = quietHours(options)
  const found: Record<string, boolean> = {}
  for (const time of Object.keys(times)) {
    found[time] = false
    for await (const rows of policy.chosen(table, new Date(`2026-07-01T${time}:00Z`))) found[time] = rows.length > 0
  }
  expect(found).toEqual(times)
})

test('quiet hours follow daylight saving', async () => {
  const policy = quietHours({ ...night, timeZone: 'Europe/Berlin' })
  const at = async (moment: string) => {
    for await (const _ of policy.chosen(table, new Date(moment))) return true
    return false
  }
  expect([await at('2026-07-01T20:00Z'), await at('2026-12-01T20:59Z'), await at('2026-12-01T21:00Z')]).toEqual([
    ...[true, false, true],
  ])
})

test('a policy is another one where anything of it but its functions is', () => {
  const identity = (over: object) => endIdle({ kind: 'ftp', minutes: 5, ...over }).identity
  expect(identity({ except: () => true })).toBe(identity({}))
  expect(new Set([{}, { minutes: 6 }, { kind: 'panel' }, { source: 'proftpd' }].map(identity)).size).toBe(4)
})
