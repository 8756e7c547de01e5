import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
const readme = read('README.md')

test('is read in a few minutes', () => {
  expect(readme.split(/\s+/).length).toBeLessThan(900)
})

test("its quick start is the example's own lines", () => {
  const [, start] = /## Quick start\n\n```js\n([^]*?)```/.exec(readme)!
  expect(read('examples/minimal.mjs')).toContain(start)
})

test('documents every option of createSessions, with its default', () => {
  const options = read('src/options.ts')
  const types = [...options.matchAll(/export interface (?:Collect|Sessions)Options[^{]*\{([^]*?)\n\}/g)]
  const names = types.flatMap(([, type]) => [...type!.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name))
  expect(names.length).toBeGreaterThan(10)
  const documented = [...read('docs/configuration.md').matchAll(/^\| `([\w.]+)`/gm)].map(
    ([, name]) => name.split('.')[0],
  )
  expect([...new Set(documented)].sort()).toEqual(names.sort())
})
