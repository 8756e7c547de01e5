import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isZone, logClock } from '../../../../src/collectors/ftp/log/log-time.js'

/** The parts of `26-Nov-23 12:00:00`. */
function parts(text: string) {
  const [year, month, day, hour, minute, second] = text.split(/[- :]/) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return { year, month, day, hour, minute, second }
}
const read = (zone: string, ...texts: string[]) => {
  const clock = logClock(zone)
  return texts.map((text) => {
    const ms = clock(parts(text))
    return ms === null ? null : new Date(ms).toISOString()
  })
}

test.each([
  ['UTC', '2026-11-23 12:00:00', '2026-11-23T12:00:00.000Z'],
  ['Europe/Berlin', '2026-01-01 12:00:00', '2026-01-01T11:00:00.000Z'],
  ['Europe/Berlin', '26-Jul-01 12:00:00', '2026-07-01T10:00:00.000Z'],
  ['America/St_Johns', '2026-01-01 00:00:00.25', '2026-01-01T03:30:00.250Z'],
  ['Asia/Kolkata', '2026-June-30 23:59:60', '2026-06-30T18:30:00.000Z'],
])('%s: %s', (zone, text, expected) => expect(read(zone, text)).toEqual([expected]))

describe('where the clock is set', () => {
  test('forward: an hour that is not there is read by the clock of before', () => {
    expect(read('Europe/Berlin', '2026-03-29 01:59:59', '2026-03-29 02:30:00', '2026-03-29 03:00:00')).toEqual([
      '2026-03-29T00:59:59.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
    ])
  })
  test('back: an hour that is there twice goes on from the line above', () => {
    const day = '2026-10-25'
    expect(read('Europe/Berlin', `${day} 02:10:00`, `${day} 02:55:00`, `${day} 02:10:00`, `${day} 03:00:00`)).toEqual([
      '2026-10-25T00:10:00.000Z',
      '2026-10-25T00:55:00.000Z',
      '2026-10-25T01:10:00.000Z',
      '2026-10-25T02:00:00.000Z',
    ])
  })
  test('by half an hour', () => {
    expect(read('Australia/Lord_Howe', '2026-04-05 01:50:00', '2026-04-05 01:33:00', '2026-04-05 02:00:00')).toEqual([
      '2026-04-04T14:50:00.000Z',
      '2026-04-04T15:03:00.000Z',
      '2026-04-04T15:30:00.000Z',
    ])
  })
})

test('every moment of a zone comes back, but in the hour that is there twice', () => {
  const zone = 'Europe/Berlin'
  const local = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  const moments = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2040, 0, 1) / 1000 })
  fc.assert(
    fc.property(moments, (seconds) => {
      const at = seconds * 1000
      const found = logClock(zone)(parts(local.format(at)))!
      expect([at, at - 3_600_000]).toContain(found)
    }),
  )
})

test('what is no time is null', () => {
  expect(read('UTC', '2026-13-01 00:00:00', '2026-01-32 00:00:00', '2026-01-01 24:00:00')).toEqual([null, null, null])
  const clock = logClock('Europe/Berlin')
  const text = fc.string()
  const any = fc.record({ year: text, month: text, day: text, hour: text, minute: text, second: text })
  fc.assert(fc.property(any, (some) => expect(['number', 'object']).toContain(typeof clock(some))))
})

test('zones', () => {
  expect(['UTC', 'Europe/Berlin', 'Mars/Olympus', '', 5].map(isZone)).toEqual([true, true, false, false, false])
})
