import { expect, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../src/database/open-database.js'
import { backEnd } from './back-end.js'
import { fakeSource } from './fake-source.js'

test('a removal that is asked for while the engine is being stopped is left to the next one at once', async () => {
  for (let i = 0; i < 30; i++) {
    const source = fakeSource()
    source.add('k')
    const engine = await backEnd(source)
    engine.start()
    await engine.collector.poll()
    const asking = engine.remove(['k'], { wait: 0 })
    await sleep(i / 3)
    await Promise.all([engine.removals.stop(), engine.collector.stop()])
    await asking
    await sleep(20)
    const [removal] = await engine.database.removals.find()
    await engine.database.close()
    // Nobody's, settled, or left: none that has to be waited for until it looks dead.
    expect([removal!.takenBy === null, removal!.outcome !== 'pending', removal!.beat === -1]).toContain(true)
  }
})

test('several back offices may make the tables in one SQLite file at the same time', async () => {
  for (let i = 0; i < 5; i++) {
    const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-restart-'))
    const options = { type: 'sqlite' as const, database: join(directory, 'tables.sqlite') }
    const databases = await Promise.all(Array.from({ length: 4 }, () => openDatabase(options)))
    for (const database of databases) {
      expect(await database.removals.count()).toBe(0)
      await database.close()
    }
    rmSync(directory, { recursive: true })
  }
})
