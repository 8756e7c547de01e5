import { expect, jest, test } from '@jest/globals'
import sqlite3 from 'sqlite3'
import { openDatabase, type DatabaseOptions } from '../../src/database/open-database.js'
import { sqliteWithTables } from '../servers/sqlite.js'

test('statements of SQLite are not traced', async () => {
  const traced = jest.spyOn(sqlite3, 'verbose')
  const database = await openDatabase(await sqliteWithTables())
  await database.holds.find()
  await database.close()
  expect(traced).not.toHaveBeenCalled()
})

test('a commit is on the disk when it is acknowledged, also where SQLite was built to say so earlier', async () => {
  // As SQLITE_DEFAULT_SYNCHRONOUS=0 makes it (https://sqlite.org/compile.html).
  class Hasty extends sqlite3.Database {
    constructor(file: string, opened: (error: Error | null) => void) {
      super(file, (error) => (error ? opened(error) : this.exec('PRAGMA synchronous = OFF', opened)))
    }
  }
  const driver = { ...sqlite3, Database: Hasty, verbose: () => driver }
  const database = await openDatabase({ ...(await sqliteWithTables()), driver } as DatabaseOptions)
  const [full] = await database.connection.query('PRAGMA synchronous')
  await database.close()
  expect(full).toEqual({ synchronous: 2 })
})
