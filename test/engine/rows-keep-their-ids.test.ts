import { afterEach, describe, expect, test } from '@jest/globals'
import type { ListedPanelSession, PanelSource } from '../../src/session-source.js'
import { databasePlaces } from '../servers/database-places.js'
import { backEnd } from './back-end.js'

/** A process that lists what the test says. */
async function processOn(database: NonNullable<Parameters<typeof backEnd>[1]>['database']) {
  let listed: ListedPanelSession[] = []
  const source: PanelSource = {
    ...{ name: 'panel', kind: 'panel', evidence: 'live' },
    list: async () => listed,
    end: async () => 'asked',
  }
  const engine = await backEnd(source, { database })
  return {
    ...engine,
    async sees(...sessions: ListedPanelSession[]) {
      listed = sessions
      await engine.collector.poll()
    },
    row: async () => (await engine.database.panelSessions.findBy({ key: 'k' }))[0],
    close: () => engine.database.close(),
  }
}

describe.each(databasePlaces)('on $name', ({ missing, start }) => {
  const testHere = missing ? test.skip : test
  const open: { close(): Promise<void> }[] = []
  let stop: () => Promise<void> = async () => {}
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
    await stop()
  })

  async function twoProcesses() {
    const place = await start()
    stop = place.stop
    const [a, b] = [await processOn(place.options), await processOn(place.options)]
    open.push(a, b)
    return [a, b] as const
  }

  const loggedInAt = new Date('2026-11-01T10:00:00Z')
  const seenAt = (second: number) => new Date(Date.UTC(2026, 10, 1, 11, 0, second))

  testHere('a row that could not be seen for a while is the same row again, whoever missed it', async () => {
    const [a, b] = await twoProcesses()
    await a.sees({ key: 'k', login: 'alice', loggedInAt, lastActiveAt: seenAt(1) })
    const row = (await a.row())!
    for (const [one, other] of [
      [a, b],
      [b, a],
      [a, a],
      [b, b],
    ] as const) {
      // prettier-ignore
      await one.sees({ key: 'k', login: 'alice', lastActiveAt: seenAt(2) })
      await other.sees()
      await one.sees({ key: 'k', login: 'alice', lastActiveAt: seenAt(Math.floor(Math.random() * 50) + 3) })
      await other.sees({ key: 'k', login: 'alice' })
      expect(await a.row()).toMatchObject({ id: row.id, loggedInAt })
    }
  })

  testHere('what one process knows of a session is not unsaid by another that does not', async () => {
    const [a, b] = await twoProcesses()
    await b.sees({ key: 'k', login: 'alice', lastActiveAt: seenAt(1) })
    await a.sees({ key: 'k', login: 'alice', loggedInAt, logonIp: '192.0.2.1' })
    await b.sees({ key: 'k', login: 'alice', lastActiveAt: seenAt(10) })
    expect(await a.row()).toMatchObject({ loggedInAt, logonIp: '192.0.2.1', lastActiveAt: seenAt(10) })
  })
})
