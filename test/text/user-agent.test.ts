import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readUserAgent } from '../../src/text/user-agent.js'

const webKit = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const mac = 'Macintosh; Intel Mac OS X 10_15_7'
const windows = 'Windows NT 10.0; Win64; x64'
const iPhone = 'iPhone; CPU iPhone OS 18_6 like Mac OS X'
const appleWebKit = 'AppleWebKit/605.1.15 (KHTML, like Gecko)'

test.each([
  [`(${windows}; rv:143.0) Gecko/20100101 Firefox/143.0`, 'Firefox 143', 'Windows'],
  [`(X11; Linux x86_64) ${webKit} Chrome/140.0.0.0 Safari/537.36`, 'Chrome 140', 'Linux'],
  [`(X11; Linux x86_64) ${webKit} HeadlessChrome/140.0.0.0 Safari/537.36`, 'Chrome 140', 'Linux'],
  [`(${windows}) ${webKit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge 140', 'Windows'],
  [`(${mac}) ${webKit} Chrome/139.0.0.0 Safari/537.36 OPR/122.0.0.0`, 'Opera 122', 'macOS'],
  [`(${mac}) ${appleWebKit} Version/18.6 Safari/605.1.15`, 'Safari 18', 'macOS'],
  [`(${iPhone}) ${appleWebKit} Version/18.6 Mobile/15E148 Safari/604.1`, 'Safari 18', 'iOS'],
  [`(${iPhone}) ${appleWebKit} FxiOS/143.0 Mobile/15E148 Safari/604.1`, 'Firefox 143', 'iOS'],
  [
    `(Linux; Android 15; SM-S931B) ${webKit} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    'Samsung Internet 28',
    'Android',
  ],
  [`(X11; CrOS x86_64 16181.61.0) ${webKit} Chrome/134.0.0.0 Safari/537.36`, 'Chrome 134', 'Chrome OS'],
  [`(X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0`, 'Firefox 128', null],
  ['(compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot 2', null],
  ['(compatible; SomethingElse)', null, null],
  ['(Windows NT 10.0)', null, 'Windows'],
])('Mozilla/5.0 %s', (rest, browser, system) => {
  expect(readUserAgent(`Mozilla/5.0 ${rest}`)).toEqual({ browser, system })
})

test.each([
  ['curl/8.5.0', 'curl 8.5.0'],
  ['python-requests/2.32.3 with more behind it', 'python-requests 2.32.3'],
  ['<script>alert(1)</script>', null],
  ['constructor', null],
  ['__proto__/1.0', '__proto__ 1.0'],
  ['', null],
])('%s', (userAgent, browser) => {
  expect(readUserAgent(userAgent)).toEqual({ browser, system: null })
})

describe('a hostile user agent', () => {
  const firefox = `Mozilla/5.0 (${windows}; rv:143.0) Gecko/20100101 Firefox/143.0 `

  test('is read as far as real ones reach, however long it is', () => {
    expect(readUserAgent(firefox + 'x'.repeat(10_000_000))).toEqual({ browser: 'Firefox 143', system: 'Windows' })
    expect(readUserAgent(' '.repeat(512) + firefox)).toEqual({ browser: null, system: null })
  })

  // Each begins what one of the patterns looks for, again and again, and never ends it.
  test.each([
    'Version/1', '1', '1.', '_1', '1_1.', 'Mozilla/', '/ ', ' (', 'Macintosh FxiOS ', 'mac os x 1', 'os 1_ like ', 'se 1.',
    'version/1 mobile/a ', 'opt/1x', 'slackbot-', 'Linespider--', 'Ddg/1.', 'a/', '\n', '\0', '\u202e', '\ud800',
  ])('has a length that no pattern takes long for: %j', (part) => {
    const agent = part.repeat(100_000)
    const began = performance.now()
    for (const from of [0, 1, 2, 3]) readUserAgent(agent.slice(from))
    // It takes less than a millisecond. What backtracks without end at 512 characters takes longer than anyone would wait.
    expect(performance.now() - began).toBeLessThan(10_000)
  }) // prettier-ignore

  test('gives nothing but names and digits, whatever it is', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('Mozilla/5.0 ', 'Firefox/', 'Chrome/', '(', ')', '/', 'Windows NT ', 'Android ', '1', '.', ' '),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const { browser, system } = readUserAgent(pieces.join(''))
        for (const word of [browser, system]) expect(word ?? 'x').toMatch(/^[\w.+() -]{1,80}$/)
      }),
    )
  })

  test('pushes no more out of memory than it takes: what was read before is read alike again', () => {
    const before = readUserAgent(firefox)
    for (let i = 0; i < 3000; i++) readUserAgent(`curl/8.${i}`)
    expect(readUserAgent(firefox)).toEqual(before)
    expect(readUserAgent(firefox)).not.toBe(before)
  })
})
