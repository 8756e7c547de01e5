import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Grammar, numbered, patterns } from '../../../../src/collectors/ftp/log/grammar.js'
import { Lines } from '../../../../src/collectors/ftp/log/lines.js'
import { logClock } from '../../../../src/collectors/ftp/log/log-time.js'
import { SessionsFromEvents } from '../../../../src/collectors/ftp/log/sessions-from-events.js'
import { w3c } from '../../../../src/collectors/ftp/log/w3c.js'
import { servUGrammar } from '../../../../src/collectors/ftp/serv-u/serv-u.js'

const latin1 = (cut: string) => cut

describe('the groups of a pattern', () => {
  test.each([
    [/(?<a>x)(?:y)(z)(?<b>\()[(](?=q)(?<!r)/, '(x)(?:y)(z)(\\()[(](?=q)(?<!r)', { a: 1, b: 3 }],
    [/[^\](?<a>](?<b>1)/, '[^\\](?<a>](1)', { b: 1 }],
  ])('%s', (pattern, plain, groups) => {
    const found = numbered(pattern, ['a', 'b'])
    expect([found.pattern.source, Object.fromEntries(found.groups.map(({ name, index }) => [name, index]))]).toEqual([
      plain,
      groups,
    ])
  })
  test('a name that means nothing, or a reference, is said at once', () => {
    const events = [{ event: 'connected' as const, pattern: /(?<adress>.)/ }]
    expect(() => patterns({ line: /^/, events })).toThrow(/named `adress`; expected one of session, ip/)
    expect(() => patterns({ line: /(?<login>.)\k<login>/, events: [] })).toThrow(/may not refer to a group/)
  })
})

test('a table: the first that matches counts, and both patterns give fields', () => {
  const read = patterns({
    line: /^(?<session>\d+) (?<hour>\d\d) /,
    events: [
      { event: 'transfer-began', way: 'up', pattern: /^put (?<file>.+)/ },
      { event: 'active', pattern: /^p/ },
    ],
  })(logClock('UTC'))
  expect(read('7 12 put a b', latin1)).toMatchObject({ kind: 'transfer-began', way: 'up', session: '7', file: 'a b' })
  expect(read('7 12 pwd', latin1)).toMatchObject({ kind: 'active', way: null, session: '7', file: undefined })
  // Without the whole of it there is no time.
  expect(read('7 12 noop', latin1)).toMatchObject({ kind: 'unmatched', session: '7', atMs: null })
  expect(read('put a b', latin1)).toBeNull()
})

test('W3C: columns by name, which may change, by tabs or spaces', () => {
  const read = w3c()(logClock('UTC'))
  expect(read('2026-11-23 12:00:00 192.0.2.1', latin1)).toBeNull()
  read('#Fields: date time c-ip cs-method cs-username sc-status x-fullpath', latin1)
  expect(read('2026-11-23 12:00:00 192.0.2.1 [7]RETR ann 150 /a+b.txt', latin1)).toMatchObject({
    ...{ kind: 'transfer-began', way: 'down', file: '/a+b.txt', session: '7', ip: '192.0.2.1', login: 'ann' },
    atMs: Date.UTC(2026, 10, 23, 12),
  })
  read('#Fields: time\tdate\tcs-method\tx-session\tsc-status', latin1)
  expect(read('12:00:01\t2026-11-23\tcwd\tabc\t250', latin1)).toMatchObject({
    kind: 'directory',
    location: '',
    session: 'abc',
  })
  expect(read('12:00:01 2026-11-23 cwd abc', latin1)).toBeNull()
})

test.each([
  ['PASS', '230', { kind: 'logged-in', login: 'ann' }],
  ['PASS', '530', { kind: 'active', login: undefined }],
  ['USER', '331', { kind: 'active', login: undefined }],
  ['CWD', '250', { kind: 'directory', location: '/x' }],
  ['CWD', '550', { kind: 'active', location: undefined }],
  ['STOR', '226', { kind: 'transfer-ended' }],
  ['STOR', '-', { kind: 'active' }],
  ['LIST', '125', { kind: 'transfer-began', way: 'list', file: undefined }],
  ['QUIT', '221', { kind: 'closed' }],
  ['HASOWNPROPERTY', '200', { kind: 'active' }],
])('W3C: %s %s', (method, status, expected) => {
  const read = w3c()(logClock('UTC'))
  read('#Fields: cs-method sc-status cs-username x-fullpath', latin1)
  expect(read(`${method} ${status} ann /x`, latin1)).toMatchObject(expected)
})

describe('hostile bytes', () => {
  const grammars: [string, Grammar, string][] = [
    ['Serv-U', patterns(servUGrammar), '[02] Sat 02Sep26 13:27:52 - (000123) '],
    ['W3C', w3c(), '2026-11-23 12:00:00 '],
  ]
  const header = '#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status x-session x-fullpath\n'

  test.each(grammars)(
    '%s: whatever they are, nothing is thrown and what is listed is well-formed',
    (_, grammar, beginning) => {
      const pieces = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc
          .constantFrom(
            ...[
              '\n',
              '\0',
              beginning,
              'Connected to 192.0.2.1',
              'User "',
              '" logged in',
              'Sending file "',
              ' - ',
              ' RETR ',
              ' 150 ',
            ],
          )
          .map((text) => Buffer.from(text)),
      )
      fc.assert(
        fc.property(fc.array(pieces, { maxLength: 60 }), (bytes) => {
          const sessions = new SessionsFromEvents('any', 1e15)
          const read = grammar(logClock('UTC'))
          const lines = new Lines(null, (line, decode) => {
            const event = read(line, decode)
            if (event) sessions.take(event)
          })
          lines.push(Buffer.from(header), true)
          for (const some of bytes) lines.push(Buffer.from(some), false)
          const listed = sessions.list(Date.now())
          expect(new Set(listed.map(({ key }) => key)).size).toBe(listed.length)
          for (const { key, login, fileName, location } of listed) {
            expect(key).toMatch(/^[\da-f]{64}$/)
            // eslint-disable-next-line no-control-regex -- what must not be there
            for (const text of [login, fileName, location]) expect(text ?? '').not.toMatch(/[\0-\x1f]/)
          }
        }),
      )
    },
  )

  // Bounded by steps, not by time: a pattern that goes back and forth over so long a line would not come to an end.
  test.each(grammars)('%s: long lines that almost match', (_, grammar, beginning) => {
    const read = grammar(logClock('UTC'))
    read(header.trim(), latin1)
    for (const filler of ['a', '"', ' ', '(', '1', ':', 'Connected to ', 'User "', '[1]']) {
      for (const start of ['', beginning, `${beginning}User `, `${beginning}Connected to 1 (local address `]) {
        read(start + filler.repeat(8192 / filler.length), latin1)
      }
    }
  })
})
