import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from '@jest/globals'
import { byItself, Lines } from '../../../../src/collectors/ftp/log/lines.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that stay in memory with 500 pieces, each cut out of a line of a chunk of its own. */
function keptWith(cut: (line: string, decode: (cut: string) => string) => string): number {
  const kept: string[] = []
  collect()
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 500; i++) {
    const chunk = Buffer.from(`${String(i % 10).repeat(8000)}\n`)
    new Lines(null, (line, decode) => kept.push(cut(line, decode))).push(chunk, true)
  }
  collect()
  const bytes = process.memoryUsage().heapUsed - before
  expect(kept).toHaveLength(500)
  return bytes
}

test('what is decoded, or copied, does not keep the line that it was cut out of', () => {
  // What they would keep is four megabytes.
  const most = 1_000_000
  expect(keptWith((line) => line.slice(100, 130))).toBeGreaterThan(most)
  expect(keptWith((line, decode) => decode(line.slice(100, 130)))).toBeLessThan(most)
  expect(keptWith((line) => byItself(line.slice(100, 130)))).toBeLessThan(most)
})

test.each(['', 'a', 'twelve-chars', 'somewhat longer than that', 'é€😀'])('a copy is the same text: %s', (text) => {
  expect(byItself(text)).toBe(text)
})
