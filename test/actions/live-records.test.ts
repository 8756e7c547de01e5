import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { waitingQuestion } from './waiting-question.js'
import { backOffice } from './back-office.js'
import { databaseFile } from './database-file.js'

type Office = Awaited<ReturnType<typeof backOffice>>

interface Answer {
  unchanged?: true
  revision?: string | null
  record?: { params: Record<string, unknown>; bulkActions: { name: string }[] }
  records?: { id: number; params: Record<string, unknown> }[]
  sessions: {
    tag: string
    revision: string | null
    totals?: { online: number | null; statuses: Record<string, number>; up: number | null; down: number | null }
  }
  notice?: { type: string; message: string }
}

describe('pages beside the two lists', () => {
  let office: Office
  let admin: Awaited<ReturnType<Office['login']>>
  let file: Awaited<ReturnType<typeof databaseFile>>
  beforeAll(async () => {
    file = await databaseFile()
    office = await backOffice({ pollEvery: 60_000, onlineFor: 1, database: file.options })
    admin = await office.login('admin@example.com')
    await admin.row('PanelSession', 'admin@example.com')
  })
  afterAll(async () => {
    await office.stop()
    await file.remove()
  })

  const get = async (path: string, who = admin) =>
    (await who.agent.get(`/admin/api/resources/${path}`).set('x-adminjs-sessions-poll', '1').expect(200)).body as Answer
  const waits = (answer: Promise<unknown>) =>
    Promise.race([answer.then(() => false), new Promise((resolve) => setTimeout(resolve, 300, true))])
  const since = ({ sessions: { tag, revision } }: Answer) => `known=${tag}&since=${revision}`
  const poll = () => admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)

  test('removals and who is kept out are answered as soon as there is a new one', async () => {
    office.ftp.add('shop')
    await poll()
    const { id } = await admin.row('FtpSession', 'shop')
    const [removals, holds] = await Promise.all([get('SessionRemoval/actions/list'), get('SessionHold/actions/list')])
    const later = [
      get(`SessionRemoval/actions/list?${since(removals)}`),
      get(`SessionHold/actions/list?${since(holds)}`),
    ] as const
    expect(await waits(later[0])).toBe(true)
    expect(await waits(later[1])).toBe(true)
    await admin.remove('FtpSession', id, { keepOut: { by: 'login', minutes: 60 } })
    expect((await later[0]).records?.map(({ params }) => params.login)).toContain('shop')
    expect((await later[1]).records?.map(({ params }) => params.value)).toEqual(['shop'])
  })

  test('a source that begins to fail is answered at once', async () => {
    const { later } = await waitingQuestion((query) => get(`SessionSourceStatus/actions/list?${query}`))
    const list = office.ftp.list
    office.ftp.list = () => Promise.reject(new Error('no such file'))
    await poll()
    const states = (await later).records?.map(({ params }) => [params.name, params.state])
    expect(states).toContainEqual(['fake-ftp', 'failing'])
    office.ftp.list = list
    await poll()
  })

  test("a session's page waits for its session to change, and shows it as it is then", async () => {
    office.ftp.add('mover')
    await poll()
    const { id } = await admin.row('FtpSession', 'mover')
    const first = await get(`FtpSession/records/${id}/show`)
    expect(first.record!.params.status).toBe('idle')
    expect(first.record!.bulkActions.map(({ name }) => name)).toEqual(['remove'])
    // AdminJS answers 500 to an action of a record without one.
    const same = await get(`FtpSession/records/${id}/show?known=${first.sessions.tag}`)
    expect(same.record!.params.status).toBe('idle')
    const later = get(`FtpSession/records/${id}/show?${since(first)}`)
    expect(await waits(later)).toBe(true)
    office.ftp.add('mover', { status: 'uploading' })
    await poll()
    expect((await later).record!.params.status).toBe('uploading')
  })

  test('a page of a session that has ended while it waited says so, and shows nothing of another', async () => {
    office.ftp.add('leaver')
    await poll()
    const { id } = await admin.row('FtpSession', 'leaver')
    const first = await get(`FtpSession/records/${id}/show`)
    const later = admin.agent
      .get(`/admin/api/resources/FtpSession/records/${id}/show?${since(first)}`)
      .then((response) => response.body as Answer)
    expect(await waits(later)).toBe(true)
    office.ftp.sessions.delete('leaver')
    await poll()
    const answer = await later
    expect(answer.notice).toMatchObject({ type: 'error' })
    expect(JSON.stringify(answer)).not.toContain('leaver')
  })

  test('nobody learns of a record that is not his to see, whether he waits or not', async () => {
    const narrow = await backOffice({
      pollEvery: 60_000,
      access: {
        remove: () => true,
        list: ({ currentAdmin }) => currentAdmin?.role === 'admin' || { login: currentAdmin?.email },
      },
    })
    try {
      const owner = await narrow.login('admin@example.com')
      const reader = await narrow.login('reader@example.com')
      narrow.ftp.add('shop')
      await owner.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
      const { id } = await owner.row('FtpSession', 'shop')
      for (const query of ['', '?since=0']) {
        const { body } = await reader.agent.get(`/admin/api/resources/FtpSession/records/${id}/show${query}`)
        expect(JSON.stringify(body)).not.toContain('shop')
      }
      const list = (await reader.agent.get('/admin/api/resources/FtpSession/actions/list').expect(200)).body as Answer
      expect(list.sessions.totals).toEqual({ online: null, statuses: {}, up: null, down: null, asLastSeen: 0 })
    } finally {
      await narrow.stop()
    }
  })

  test('what all pages of a list add up to is said with each of them', async () => {
    office.ftp.add('up-1', { status: 'uploading' })
    office.ftp.add('up-2', { status: 'uploading' })
    office.ftp.add('down-1', { status: 'downloading' })
    await poll()
    const { sessions } = await get('FtpSession/actions/list?perPage=1&filters.login=-')
    expect(sessions.totals).toMatchObject({ online: null, statuses: { uploading: 2, downloading: 1 } })
    const found = await get('FtpSession/actions/list?filters.search=up-1')
    expect(found.sessions.totals).toMatchObject({ statuses: { uploading: 1 }, down: null })
    const database = await file.open()
    await database.ftpSessions.update({ login: 'up-1' }, { bytesPerSecond: 5_000_000_000 })
    await database.ftpSessions.update({ login: 'up-2' }, { bytesPerSecond: 7 })
    await database.ftpSessions.update({ login: 'down-1' }, { bytesPerSecond: 3 })
    const speeds = async (query: string) => (await get(`FtpSession/actions/list?${query}`)).sessions.totals
    expect(await speeds('')).toMatchObject({ up: 5_000_000_007, down: 3 })
    expect(await speeds('filters.search=up-2')).toMatchObject({ up: 7, down: null })
    const panel = await get('PanelSession/actions/list?perPage=1')
    expect(panel.sessions.totals).toMatchObject({ online: 1, statuses: {} })
    const { lastActiveAt, onlineUntil } = panel.records![0]!.params as Record<string, string>
    expect(Date.parse(onlineUntil!) - Date.parse(lastActiveAt!)).toBe(60_000)

    await office.login('second@example.com')
    await admin.row('PanelSession', 'second@example.com')
    const anHourAgo = new Date(Date.now() - 3600_000)
    await database.panelSessions.update({ login: 'second@example.com' }, { lastActiveAt: anHourAgo })
    const online = async (query: string) => (await get(`PanelSession/actions/list?${query}`)).sessions.totals!.online
    expect(await online('')).toBe(1)
    expect(await online('filters.idleFor=30')).toBe(0)
  })
})
