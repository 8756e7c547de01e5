import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Deliveries } from '../../src/database/deliveries.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { sqliteWithTables } from '../servers/sqlite.js'

let database: Database
beforeEach(async () => {
  database = await openDatabase(await sqliteWithTables())
})
afterEach(() => database.close())

test('of two that look at the same time, each message is taken by one, and put off', async () => {
  const deliveries = new Deliveries(database.deliveries)
  const [createdAt, later] = [new Date(1000), new Date(Date.now() + 60_000)]
  const webhook = 'https://example.com/'
  await deliveries.add(
    ['a', 'b', 'c'].map((message) => ({
      ...{ message, webhook, event: 'removed', body: '{}', createdAt, dueAt: createdAt, attempts: 0, error: null },
    })),
  )
  const taken = await Promise.all([deliveries.take(webhook, 8, later), deliveries.take(webhook, 8, later)])
  expect(taken.flat().map(({ message }) => message).sort()).toEqual(['a', 'b', 'c']) // prettier-ignore
  expect(await deliveries.take(webhook, 8, later)).toEqual([])
  expect(await deliveries.take('https://example.com/other', 8, later)).toEqual([])
})
