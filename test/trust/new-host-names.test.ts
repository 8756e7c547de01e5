import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { Browser, Office, placeKinds, recordsOf, removed, rowsOf, type Place } from './back-offices.js'

const [{ missing, start }] = placeKinds
;(missing ? describe.skip : describe)('containers with a new host name at each deploy, and one Redis', () => {
  let place: Place
  beforeAll(async () => (place = await start()))
  afterAll(async () => {
    await Office.killAll()
    await place?.stop()
  })

  const shared = (host: string) => Office.start(place, { host, storeHost: 'panel', pollEvery: 250 })

  test('each session is one row, over replicas and deploys, and can be removed by whichever is there', async () => {
    const [one, two] = [await shared('web-1'), await shared('web-2')]
    const alice = await Browser.logOn(one.origin, 'alice')
    const bob = await Browser.logOn(two.origin, 'bob')
    const admin = await Browser.logOn(two.origin, 'admin')
    const only = (login: string, by = admin) =>
      until(`one row of ${login}`, async () => {
        const rows = await rowsOf(by, login)
        return rows.length === 1 && rows[0]
      })
    const rows = [await only('alice'), await only('bob')]
    await one.kill()
    await two.kill()

    const three = await shared('web-3')
    const again = new Browser(three.origin, admin.cookie)
    expect(await only('alice', again)).toMatchObject({ id: rows[0].id, key: rows[0].key })
    expect(await removed(again, [await only('bob', again)])).toEqual(['ended'])
    expect(await new Browser(three.origin, bob.cookie).who()).toBe('nobody')
    expect(await new Browser(three.origin, alice.cookie).who()).toBe('alice')
    const sources = (await recordsOf(again, 'SessionSourceStatus', 'perPage=50')) as unknown as Record<
      string,
      unknown
    >[]
    expect(sources.map(({ host, state, warning }) => [host, state, warning])).toEqual([['panel', 'ok', null]])
    await three.kill()
  })

  test('without a place of its own the page says that the store is shared', async () => {
    await place.clear()
    const offices = [await Office.start(place, { host: 'web-4' }), await Office.start(place, { host: 'web-5' })]
    const admin = await Browser.logOn(offices[0]!.origin, 'admin')
    // Of those that are no more, one has left a row.
    const hosts = async () => (await rowsOf(admin, 'admin')).map(({ host }) => host as string)
    await until('two rows of one session', async () => (await hosts()).filter((host) => host !== 'panel').length === 2)
    const six = await Office.start(place, { host: 'web-6' })
    const warned = await until('it is told', async () => {
      const sources = (await recordsOf(admin, 'SessionSourceStatus', 'perPage=50')) as unknown as Record<
        string,
        string
      >[]
      return sources.find(({ host, warning }) => host === 'web-6' && warning)
    })
    expect(warned.warning).toMatch(/^web-[45] lists the same sessions .* expressSessions\(\{ store, host: 'panel' \}\)/)
    await six.kill()
  })
})
