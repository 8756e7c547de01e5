import { describe, expect, test } from '@jest/globals'
import { phpSerialized, phpSession } from '../../../../src/collectors/panel/session-files/php-session.js'

const session = (text: string) => phpSession(Buffer.from(text, 'utf8'))
/** As plain objects, to be compared. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
    : value

test('the variables, by their names', () => {
  expect(
    plain(session('user|s:5:"alice";n|i:-1;ok|b:1;no|b:0;none|N;f|d:1.5;inf|d:INF;big|i:9223372036854775807;')),
  ).toEqual({
    ...{ user: 'alice', n: -1, ok: true, no: false, none: null, f: 1.5, inf: Infinity, big: 9223372036854775807n },
  })
})

test('nothing has been kept yet', () => {
  expect(plain(session(''))).toEqual({})
  expect(plain(phpSerialized(Buffer.from('')))).toEqual({})
})

test('lengths are bytes, and a text may hold what looks like its end', () => {
  expect(plain(session('a|s:6:"é";"|";b|s:4:"🙂";'))).toEqual({ a: 'é";"|', b: '🙂' })
})

test('arrays, objects and references, as PHP 8.2 has written them', () => {
  const written =
    'u|O:1:"U":3:{s:1:"a";i:1;s:4:"\0*\0b";i:2;s:4:"\0U\0c";s:2:"é";}f|d:1.5;i|d:INF;n|N;t|b:1;' +
    'a|a:3:{i:0;i:1;s:1:"x";a:1:{s:1:"y";i:2;}s:4:"self";R:11;}o2|r:1;e|E:3:"S:A";c|C:1:"O":3:{a;b}'
  const { u, a, o2, e, c } = session(written) as Record<string, Record<string, unknown>>
  expect(plain(u)).toEqual({ a: 1, b: 2, c: 'é' })
  expect(o2).toBe(u)
  expect(a!.self).toBe(a!.x)
  expect(plain(a!.x)).toEqual({ y: 2 })
  expect({ e, c }).toEqual({ e: 'S:A', c: 'a;b' })
})

test('a name is only a name', () => {
  const data = session('__proto__|a:1:{s:9:"isAllowed";b:1;}constructor|s:1:"c";')
  expect(['toString', 'hasOwnProperty', 'valueOf'].some((name) => name in data)).toBe(false)
  expect(data).not.toBeInstanceOf(Object)
  expect(Object.keys(data)).toEqual(['__proto__', 'constructor'])
  expect(({} as Record<string, unknown>).isAllowed).toBeUndefined()
})

test('php_serialize is one array', () => {
  expect(plain(phpSerialized(Buffer.from('a:1:{s:4:"user";s:5:"alice";}')))).toEqual({ user: 'alice' })
  for (const other of ['s:1:"a";', 'a:0:{}a:0:{}', 'user|s:5:"alice";', 'i:1;']) {
    expect(() => phpSerialized(Buffer.from(other))).toThrow()
  }
})

describe('what is no session, or half of one, is an error', () => {
  const whole = 'user|s:5:"alice";a|a:1:{i:0;O:1:"U":1:{s:1:"a";d:1.5;}}'
  test.each(
    Array.from({ length: whole.length - 1 }, (_, i) => whole.slice(0, i + 1)).filter(
      (part) => part !== 'user|s:5:"alice";',
    ),
  )('%s', (part) => {
    expect(() => session(part)).toThrow()
  })

  test.each([
    ...[
      'x|s:-1:"";',
      'x|s:1e1:"aaaaaaaaaa";',
      'x|s:6:"alice";',
      'x|i:;',
      'x|i:1.5;',
      'x|d:;',
      'x|d:abc;',
      'x|R:1;',
      'x|r:0;',
    ],
    ...['x|a:1:{N;N;}', 'x|a:1000000000:{}', 'x|a:2:{i:0;i:1;}', 'x|Z:1;', '{"user":"alice"}', '\0\0\0\0'],
  ])('%j', (text) => {
    expect(() => session(text)).toThrow()
  })

  test('arrays without end', () => {
    const deep = (n: number) => `x|${'a:1:{i:0;'.repeat(n)}N;${'}'.repeat(n)}`
    expect(() => session(deep(100))).not.toThrow()
    expect(() => session(deep(300))).toThrow('200 deep')
    expect(() => session(deep(100_000))).toThrow('200 deep')
    expect(() => session(`x|${'a:1:{i:0;N;}'.replace('N;', 'a:0:{}')}`.repeat(1000))).not.toThrow()
  })
})
