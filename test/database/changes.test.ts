import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { databasePlaces } from '../servers/database-places.js'
import { hangs, until } from '../until.js'

describe.each(databasePlaces)('changes on $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  let place: Awaited<ReturnType<typeof start>>
  let here: Database
  let there: Database
  beforeAll(async () => {
    if (missing) return
    place = await start()
  })
  afterAll(() => place?.stop())
  afterEach(async () => {
    await here?.close()
    await there?.close()
  })

  async function open() {
    here = await openDatabase(place.options)
    there = await openDatabase(place.options)
  }
  const note = { host: 'h', source: 's', key: 'k', value: '1', until: new Date() }
  testHere('this process is told at once', async () => {
    await open()
    const waiting = here.changes.since(['ftp'], here.changes.revisionOf(['ftp']), hangs * 100, hangs * 100)
    here.changes.changed('ftp')
    // Where it is not told, this hangs.
    await waiting
  })

  testHere('what another process writes is heard of, and by PostgreSQL which table it is', async () => {
    await open()
    const seen = here.changes.revisionOf(['ftp'])
    const waiting = (async () => {
      for (;;) {
        await here.changes.since(['ftp'], seen, hangs, 20)
        if (here.changes.revisionOf(['ftp']) !== seen) return 'changed'
      }
    })()
    // It may not listen yet: what is not heard is told again.
    const told = await until('it is heard', async () => {
      await there.notes.upsert({ ...note, value: String(Math.random()) }, ['host', 'source', 'key'])
      there.changes.changed('ftp')
      return Promise.race([waiting, new Promise<false>((resolve) => setTimeout(resolve, 50, false))])
    })
    expect(told).toBe('changed')
  })

  testHere("who has seen another revision, or another process's, does not wait", async () => {
    await open()
    await here.changes.since(['ftp'], there.changes.revisionOf(['ftp']), hangs * 10, hangs * 10)
    await here.changes.since(['ftp'], '', hangs * 10, hangs * 10)
  })

  testHere('a change of another table wakes nobody', async () => {
    await open()
    const seen = here.changes.revisionOf(['panel', 'sources'])
    here.changes.changed('ftp')
    expect(here.changes.revisionOf(['panel', 'sources'])).toBe(seen)
    here.changes.changed('sources')
    expect(here.changes.revisionOf(['panel', 'sources'])).not.toBe(seen)
  })

  testHere('who still waits when it is closed is let go, and nothing holds the close up', async () => {
    await open()
    const waiting = here.changes.since(['ftp'], here.changes.revisionOf(['ftp']), hangs * 10, hangs * 10)
    await here.close()
    await waiting
    here = await openDatabase(place.options)
  })
})
