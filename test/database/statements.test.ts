import { expect, jest, test } from '@jest/globals'
import sqlite3 from 'sqlite3'
import { openDatabase } from '../../src/database/open-database.js'
import { sqliteWithTables } from '../servers/sqlite.js'

test('statements of SQLite are not traced', async () => {
  const traced = jest.spyOn(sqlite3, 'verbose')
  const database = await openDatabase(await sqliteWithTables())
  await database.holds.find()
  await database.close()
  expect(traced).not.toHaveBeenCalled()
})
