import { expect, test } from '@jest/globals'
import { isArgument } from '../../../../src/collectors/ftp/proftpd/argument.js'
import type { ScoreboardEntry } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'

const told = (argument: string, argumentCut = false) => ({ argument, argumentCut }) as ScoreboardEntry

/** What ProFTPD 1.3.8 has in its scoreboard where this was typed. */
test.each([
  ['two spaces.bin', 'two  spaces.bin'],
  ['lead.bin', ' lead.bin'],
  ['trail.bin', 'trail.bin '],
  ['tab name.bin', 'tab\tname.bin'],
  ['whole quoted.bin', '"whole quoted.bin"'],
  ['whole name .bin', '"whole name".bin'],
  ['a " b', '"a \\" b"'],
  ['x"y z"w.bin', 'x"y  z"w.bin'],
  ['back\\slash.bin', 'back\\slash.bin'],
])('%j is what is told of %j', (argument, typed) => {
  expect(isArgument(told(argument), typed)).toBe(true)
  expect(isArgument(told(argument), `${typed}2`)).toBe(false)
  expect(isArgument(told(argument, true), `${typed}2`)).toBe(true)
  expect(isArgument(told(argument, true), `2${typed}`)).toBe(false)
})
