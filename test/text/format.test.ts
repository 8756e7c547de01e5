import { describe, expect, test } from '@jest/globals'
import { asDate, duration, fullMoment, moment, percent, period, size, speed } from '../../src/text/format.js'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

describe('sizes', () => {
  test.each([
    [0, '0 byte'],
    [999, '999 byte'],
    [1000, '1 kB'],
    [1500, '1.5 kB'],
    [123_456, '123 kB'],
    [12_400_000, '12.4 MB'],
    [6_000_000_000, '6 GB'],
    [9.1e17, '910 PB'],
  ])('%d bytes: %s', (bytes, shown) => {
    expect(size(bytes, 'en')).toBe(shown)
  })

  test('a speed is per second', () => expect(speed(1_200_000, 'en')).toBe('1.2 MB/s'))
  test('the language decides on the comma', () => expect(size(1500, 'de')).toBe('1,5 kB'))
})

test.each([
  [-5 * second, '0 s'],
  [0, '0 s'],
  [59 * second + 999, '59 s'],
  [minute, '1 min 0 s'],
  [3 * minute + 20 * second, '3 min 20 s'],
  [2 * hour + 5 * minute + 59 * second, '2 h 5 min'],
  [hour, '1 h 0 min'],
  [4 * day + 23 * hour, '4 d 23 h'],
  [400 * day, '400 d 0 h'],
])('a span of %d ms: %s', (ms, shown) => {
  expect(duration(ms).replaceAll('\u00a0', ' ')).toBe(shown)
})

test('a moment of today has no date, another one has', () => {
  const now = new Date(2026, 10, 23, 22, 46).getTime()
  expect(moment(new Date(2026, 10, 23, 9, 5, 7), now, 'de')).toBe('09:05:07')
  expect(moment(new Date(2026, 10, 22, 9, 5, 7), now, 'de')).toBe('22.11.26, 09:05')
})

test.each([
  ['de', '12,4 MB', '1,2 MB/s', '15 Minuten', '42 %', '22.11.26, 09:05', 'Sonntag, 22. November 2026'],
  ['es', '12,4 MB', '1,2 MB/s', '15 minutos', '42 %', '22/11/26, 9:05', 'domingo, 22 de noviembre de 2026'],
  ['fr', '12,4 Mo', '1,2 Mo/s', '15 minutes', '42 %', '22/11/2026 09:05', 'dimanche 22 novembre 2026'],
  ['it', '12,4 MB', '1,2 MB/s', '15 minuti', '42%', '22/11/26, 09:05', 'domenica 22 novembre 2026'],
  ['pl', '12,4 MB', '1,2 MB/s', '15 minut', '42%', '22.11.2026, 09:05', 'niedziela, 22 listopada 2026'],
  ['pt-BR', '12,4 MB', '1,2 MB/s', '15 minutos', '42%', '22/11/2026, 09:05', 'domingo, 22 de novembro de 2026'],
  ['zh-CN', '12.4 MB', '1.2 MB/秒', '15分钟', '42%', '2026/11/22 09:05', '2026年11月22日星期日'],
])('%s has its own numbers and times', (language, ofSize, ofSpeed, ofPeriod, ofShare, ofMoment, ofDay) => {
  const at = new Date(2026, 10, 22, 9, 5, 7)
  const shown = [
    size(12_400_000, language),
    speed(1_200_000, language),
    period(15, language),
    percent(42, language),
    moment(at, new Date(2026, 10, 23).getTime(), language),
  ]
  expect(shown.map((text) => text.replace(/\s/g, ' '))).toEqual([ofSize, ofSpeed, ofPeriod, ofShare, ofMoment])
  expect(fullMoment(at, language)).toContain(ofDay)
})

test('a share of a hundred', () => expect(percent(42, 'en')).toBe('42%'))

test.each(['ua', 'en_US', '', 'x'])('a language that Intl does not know (%j) is no error', (language) => {
  expect(size(1000, language)).toContain('1')
  expect(percent(1, language)).toContain('1')
})

test('a time as the server sends it', () => {
  expect(asDate('2026-11-23T22:46:39.000Z')?.toISOString()).toBe('2026-11-23T22:46:39.000Z')
})

test.each([null, undefined, 'soon', '', {}])('%j is no time', (value) => {
  expect(asDate(value)).toBeNull()
})
