import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { tables } from '../../src/database/entities.js'
import { en as english } from '../../src/translations/languages/en.js'
import { textsOf } from '../../src/translations/texts-of.js'
import { resources } from './every-text.js'

const en = textsOf(english)
const components = sourcesIn('../../src/components')
const actions = sourcesIn('../../src/actions')

function sourcesIn(folder: string): string[] {
  const path = fileURLToPath(new URL(folder, import.meta.url))
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name))
  return files.map((name) => readFileSync(join(path, name), 'utf8'))
}

/** The texts that the components ask for by name: `say('empty')`, `button('close')`. */
function asked(by: string): string[] {
  return found(components, new RegExp(`\\b${by}\\('(\\w+)'`, 'g'))
}

/** The messages that the actions answer with: a text of one word is a key. */
const answered = found(actions, /\bmessage: '(\w+)'/g)

function found(sources: string[], pattern: RegExp): string[] {
  return [...new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map(([, key]) => key!)))].sort()
}

const has = (texts: object, key: string) => key in texts || `${key}_other` in texts

/** Words of the pages of removals, history and sources, which the live lists never say. */
const elsewhere = ['cameBack', 'failingSince', 'csvFailed', 'csvSave']

describe.each(['PanelSession', 'FtpSession'] as const)('%s', (id) => {
  test('has every message that a component says', () => {
    const missing = asked('say').filter((key) => !elsewhere.includes(key) && !has(en[id].messages, key))
    expect(missing).toEqual([])
    expect(asked('say').length).toBeGreaterThan(20)
  })

  test('has every button that a component shows', () => {
    expect(asked('button').filter((key) => !has(en[id].buttons, key))).toEqual([])
    expect(asked('button').length).toBeGreaterThan(5)
  })
})

test.each(['SessionRemoval', 'SessionHistory'] as const)('%s has what the page says that makes a file of it', (id) => {
  const said = ['csvGoing', 'csvReady', 'csvSave', 'csvFailed', 'noCsv', 'loggedOut']
  expect(said.filter((key) => !has(en[id].messages, key))).toEqual([])
  expect(Object.keys(en[id].buttons)).toEqual(expect.arrayContaining(['close', 'login']))
})

test('every message that an action answers with has a text', () => {
  const everywhere = Object.values(en).map(({ messages }) => messages)
  expect(answered.filter((key) => !everywhere.some((messages) => has(messages, key)))).toEqual([])
  expect(answered.length).toBeGreaterThan(3)
})

test.each(resources)('every column of %s has a label', (id) => {
  const columns = Object.keys(tables('sqlite')[id].columns)
  expect(columns.filter((column) => !(column in en[id].properties))).toEqual([])
})
