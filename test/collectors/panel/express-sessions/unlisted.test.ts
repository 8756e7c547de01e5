import { expect, test } from '@jest/globals'
import type { SessionData } from 'express-session'
import { keyOf } from '../../../../src/collectors/panel/express-sessions/session-id.js'
import { Unlisted } from '../../../../src/collectors/panel/express-sessions/list/unlisted.js'

const signal = new AbortController().signal
const used = new Map([['sid', keyOf('sid')]])
const listed = new Set([keyOf('sid')])
const stored = { cookie: {} } as SessionData

test('a session that one list lacks and the next one has is not missed: it came while the first was made', async () => {
  const unlisted = new Unlisted('SomeStore', async () => stored)
  expect(await unlisted.check(used, new Set(), signal)).toBe(true)
  expect(await unlisted.check(new Map(), listed, signal)).toBe(false)
})

test('one that two lists lack is missed, as long as the store has it', async () => {
  let has: SessionData | null = stored
  const unlisted = new Unlisted('SomeStore', async () => has)
  expect(await unlisted.check(used, new Set(), signal)).toBe(true)
  await expect(unlisted.check(new Map(), new Set(), signal)).rejects.toThrow(/^SomeStore lists no sessions/)
  has = null
  expect(await unlisted.check(new Map(), new Set(), signal)).toBe(false)
})
