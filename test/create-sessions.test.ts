import { describe, expect, test } from '@jest/globals'
import { ComponentLoader } from 'adminjs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSessions } from '../src/create-sessions.js'
import type { SessionsOptions } from '../src/options.js'
import { fakeSource } from './engine/fake-source.js'

const good = (): SessionsOptions => ({
  componentLoader: new ComponentLoader(),
  sources: [fakeSource()],
  access: { remove: () => true },
  database: { type: 'sqlite', database: ':memory:' },
})

describe('createSessions', () => {
  test.each<[string, object, RegExp]>([
    [
      'no options at all',
      { componentLoader: undefined },
      /option "componentLoader" is missing; expected the ComponentLoader/,
    ],
    ['no sources', { sources: [] }, /option "sources" is an array of 0; expected at least one/],
    ['a source that is none', { sources: [{}] }, /option "sources.0".* is .*; expected/],
    ['no access', { access: undefined }, /option "access" is missing; expected an object with a function "remove"/],
    ['no access.remove', { access: {} }, /option "access.remove" is missing; expected a function/],
    ['a word for a number', { pollEvery: '2 s' }, /option "pollEvery" is "2 s"; expected a number of milliseconds/],
    ['too short a time', { pollEvery: 1 }, /option "pollEvery" is 1; expected at least 250 ms/],
    ['an option that is not there', { polEvery: 1 }, /no option of that name: polEvery/],
    [
      'another engine',
      { database: { type: 'mysql' } },
      /option "database.type" is "mysql"; expected "sqlite" or "postgres"/,
    ],
    ['one name twice', { sources: [fakeSource(), fakeSource()] }, /two sources are named "fake"/],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(createSessions({ ...good(), ...wrong } as SessionsOptions)).rejects.toThrow(message)
  })

  test('says which database could not be opened', async () => {
    const database = { type: 'sqlite' as const, database: '/dev/null/file.sqlite' }
    await expect(createSessions({ ...good(), database })).rejects.toThrow(
      /"\/dev\/null\/file.sqlite" could not be opened/,
    )
  })

  test('refuses two that would collect one source into one database', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'create-sessions-'))
    const database = { type: 'sqlite' as const, database: join(directory, 'tables.sqlite') }
    const one = await createSessions({ ...good(), database })
    await expect(createSessions({ ...good(), database })).rejects.toThrow(/"fake" is collected into the same database/)
    await one.stop()
    await (await createSessions({ ...good(), database })).stop()
    rmSync(directory, { recursive: true })
  })

  test('two back offices live in one process, each with its own tables', async () => {
    const [one, other] = await Promise.all([createSessions(good()), createSessions(good())])
    const count = (sessions: typeof one) =>
      (sessions.resources[1].resource as { count(filter: undefined): Promise<number> }).count(undefined)
    expect([await count(one), await count(other)]).toEqual([0, 0])
    await one.stop()
    expect(await count(other)).toBe(0)
    await other.stop()
  })
})
