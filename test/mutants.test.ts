import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { mutants } from '../scripts/mutants/mutants.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

test('each crucial line that is changed to see a test fail is there, once', () => {
  const astray = (mutants as { file: string; from: string }[]).filter(
    ({ file, from }) => readFileSync(`${root}/${file}`, 'utf8').split(from).length !== 2,
  )
  expect(astray.map(({ file, from }) => ({ file, from }))).toEqual([])
})
