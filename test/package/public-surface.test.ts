import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import '../fresh-dist.mjs'
import { publicSurfaces } from './public-surface.js'

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, { types?: string }> }
const entries = Object.entries(exports).flatMap(([name, { types }]) => (types ? [[name, types] as const] : []))
const surfaces = publicSurfaces(entries.map(([, types]) => types))

test('the entry points are these', () => {
  expect(entries.map(([name]) => name)).toEqual(['.', './collect', './source', './linux', './testing'])
})

// A change of what users have is a change of the snapshot, which a review sees: `npx jest -u` writes it anew.
test.each(entries.map(([name], i) => [name, i] as const))('what %s gives its users', (_, i) => {
  expect(surfaces[i]).toMatchSnapshot()
})
