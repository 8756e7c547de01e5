import { expect, test } from '@jest/globals'
import { tableOf, widthOf } from '../../src/cli/table.js'

test.each([
  ['alice', 5],
  ['日本語', 6],
  ['e\u0301', 1],
  ['\u200b', 0],
  ['한글', 4],
  ['ﾊﾝｶｸ', 4],
  ['😀', 2],
])('%s is %i wide', (text, width) => {
  expect(widthOf(text)).toBe(width)
})

test('columns stand below each other, whatever is in them', () => {
  const lines = tableOf(['LOGIN', 'IP'], [['日本語', '192.0.2.1'], ['bob', '192.0.2.2'], ['x'.repeat(50), '192.0.2.3'], ['\u001b[2J', '192.0.2.4']]) // prettier-ignore
  expect(new Set(lines.slice(1).map((line) => widthOf(line.slice(0, line.indexOf('192.')))))).toEqual(new Set([42]))
  expect(lines.join('\n')).not.toContain('\u001b')
  expect(lines[3]).toMatch(/^x{39}… {2}192/)
})

test('what is wide is cut where there is no more room', () => {
  expect(tableOf(['A'], [['語'.repeat(30)]])[1]).toBe(`${'語'.repeat(19)}…`)
})
