import { describe, expect, test } from '@jest/globals'
import { fieldsOf } from '../../../../src/collectors/panel/plesk/entry-fields.js'

const fields = (session: object, zone?: string) => fieldsOf(new Map(Object.entries(session)), zone)

test('a session as the documentation has it', () => {
  const session = {
    ...{ id: '6a17d01f5e1925601faa86ad22ada6ff', type: 'admin', 'ip-address': '192.0.2.1', login: 'admin' },
    ...{ 'login-time': '2007-02-20T05:21:00', idle: '2007-02-20T05:37:42' },
  }
  expect(fields(session, 'Europe/Berlin')).toEqual({
    fields: {
      ...{ type: 'administrator', login: 'admin', ip: '192.0.2.1' },
      ...{ loggedInAt: new Date('2007-02-20T04:21:00Z'), lastActiveAt: new Date('2007-02-20T04:37:42Z') },
    },
    doubt: null,
  })
})

test.each([
  ['admin', 'administrator'],
  ['reseller', 'reseller-or-customer'],
  ['client', 'reseller-or-customer'],
  ['domain-admin', 'reseller-or-customer'],
  ['mail-user', 'mailbox-owner'],
  ['constructor', null],
  ['JimmyJoe', null],
  [undefined, null],
])('the type %s is %s', (type, shown) => {
  expect(fields(type === undefined ? {} : { type }).fields.type).toBe(shown)
})

test('what is not said is unknown', () => {
  expect(fields({})).toEqual({
    fields: { type: null, login: null, ip: null, loggedInAt: null, lastActiveAt: null },
    doubt: null,
  })
  expect(fields({ login: '', 'ip-address': 'localhost' }).fields).toMatchObject({ login: null, ip: null })
})

test.each([
  ['a\0b\u001b[2J\u202e', 'a␀b␛[2J\u202e'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['  Ünï🙂 ', '  Ünï🙂 '],
])('the login %j', (login, shown) => {
  expect(fields({ login }).fields.login).toBe(shown)
})

describe('times', () => {
  const at = (time: string, zone?: string) => fields({ idle: time }, zone)

  test.each([
    ['2026-07-01T12:00:00Z', '2026-07-01T12:00:00Z'],
    ['2026-07-01T12:00:00+02:00', '2026-07-01T10:00:00Z'],
    ['2026-07-01T12:00:00.250-0330', '2026-07-01T15:30:00.250Z'],
    [' 2026-07-01 12:00+00:00 ', '2026-07-01T12:00:00Z'],
  ])('%s says its zone, whatever the option says', (time, instant) => {
    expect(at(time)).toMatchObject({ fields: { lastActiveAt: new Date(instant) }, doubt: null })
    expect(at(time, 'Asia/Tokyo')).toMatchObject({ fields: { lastActiveAt: new Date(instant) }, doubt: null })
  })

  test('without a zone are read in the one of the option, in summer and in winter', () => {
    expect(at('2026-07-01T12:00:00', 'Europe/Berlin').fields.lastActiveAt).toEqual(new Date('2026-07-01T10:00:00Z'))
    expect(at('2026-01-01 12:00:00', 'Europe/Berlin').fields.lastActiveAt).toEqual(new Date('2026-01-01T11:00:00Z'))
  })

  test('without a zone are unknown where nothing says which: this machine may be elsewhere', () => {
    const { fields, doubt } = at('2026-07-01T12:00:00')
    expect(fields.lastActiveAt).toBeNull()
    expect(doubt).toMatch(/"2026-07-01T12:00:00".*option timeZone/)
  })

  test.each(['yesterday', '01.07.2026 12:00', '2026-13-01T00:00:00Z', '2026-07-01T25:00:00', '\u001b'.repeat(500)])(
    'what cannot be read is unknown, and told: %j',
    (time) => {
      const { fields, doubt } = at(time, 'UTC')
      expect(fields.lastActiveAt).toBeNull()
      expect(doubt).toMatch(/^Plesk tells a time that cannot be read \("/)
      expect(doubt!.length).toBeLessThan(300)
    },
  )

  test('a last act that is yet to come makes the zone doubtful', () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    const { fields, doubt } = at(soon)
    expect(fields.lastActiveAt).toEqual(new Date(soon))
    expect(doubt).toMatch(/yet to come.*timeZone/)
  })
})
