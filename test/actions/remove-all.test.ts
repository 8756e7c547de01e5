import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>
type Person = Awaited<ReturnType<Office['login']>>

interface Answer {
  batch: string
  scope: {
    shown: [number, string][]
    leftOut: { own: number; notAllowed: number }
    statuses: Record<string, number>
    keepOut: { by: string; cutsToo: { count: number; sessions: object[] } }[]
  }
  records: { params: Record<string, unknown> }[]
  leftOut: { own: number; notAllowed: number; fresh: number; changed: number }
  progress: { counts: Record<string, number>; notEnded: { login: string; outcome: string; message: string }[] }
  notice?: { type: string; message: string; options: { problem: string } }
}

function removeAllAs({ agent }: Person, resource: string) {
  const url = (query: string) => `/admin/api/resources/${resource}/actions/removeAll?${query}`
  const ask = async (query: string, body: object, headers: Record<string, string> = {}) =>
    (await agent.post(url(query)).set(headers).send(body).expect(200)).body as Answer
  const progress = async (batch: string) => (await agent.get(url(`batch=${batch}`)).expect(200)).body as Answer
  return {
    show: async (query: string) => (await agent.get(url(query)).expect(200)).body as Answer,
    ask,
    progress,
    /** Until none is pending. */
    done: (batch: string) =>
      until('every outcome', async () => {
        const answer = await progress(batch)
        return !answer.progress.counts.pending && answer.progress
      }),
  }
}

describe('removeAll', () => {
  let office: Office
  let admin: Person
  let all: ReturnType<typeof removeAllAs>
  beforeAll(async () => {
    office = await backOffice({
      pollEvery: 300,
      access: {
        remove: ({ currentAdmin }, session) => currentAdmin?.role === 'admin' && session.login !== 'untouchable',
        list: ({ currentAdmin }) => currentAdmin?.role === 'admin' || { login: 'visible' },
      },
      person: ({ login }) => login!.split('_')[0]!,
    })
    admin = await office.login('admin@example.com')
    all = removeAllAs(admin, 'FtpSession')
  })
  afterAll(() => office.stop())

  /** FTP sessions of this many logins that begin alike, with their rows. */
  async function sessionsOf(prefix: string, count: number, fields: object = {}) {
    for (let i = 0; i < count; i++) office.ftp.add(`${prefix}${i}`, fields)
    await until('their rows', async () => {
      await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
      return (await admin.list('FtpSession', `filters.login=${prefix}`)).meta.total === count
    })
  }
  const livingOf = (prefix: string) => [...office.ftp.sessions.keys()].filter((key) => key.startsWith(prefix)).length

  test('more than a page, and more than 500: GET shows all of them and ends nothing, POST ends them all', async () => {
    await sessionsOf('many', 1203, { status: 'uploading', fileName: 'a.bin' })
    await sessionsOf('other', 2)
    const { scope, records } = await all.show('filters.login=many')
    expect(scope).toMatchObject({ leftOut: { own: 0, notAllowed: 0 }, statuses: { uploading: 1203 } })
    expect([scope.shown.length, records.length]).toEqual([1203, 20])
    expect(livingOf('many')).toBe(1203)

    const batch = crypto.randomUUID()
    const { leftOut } = await all.ask('filters.login=many', { batch, shown: scope.shown, reason: 'flood' })
    expect(leftOut).toEqual({ own: 0, notAllowed: 0, fresh: 0, changed: 0 })
    expect(await all.done(batch)).toEqual({ counts: { ended: 1203 }, notEnded: [] })
    expect([livingOf('many'), livingOf('other')]).toEqual([0, 2])
    const { meta, records: removals } = await admin.list('SessionRemoval', `filters.batch=${batch}`)
    expect(meta.total).toBe(1203)
    expect(removals[0]!.params).toMatchObject({
      reason: 'flood',
      removedBy: 'admin@example.com',
      person: expect.stringMatching(/^many/),
    })

    // Sent again it ends nothing twice.
    await all.ask('filters.login=many', { batch, shown: scope.shown })
    expect(await all.done(batch)).toEqual({ counts: { ended: 1203 }, notEnded: [] })
  })

  test('what came, or became another session, after it was shown is not ended, and is told', async () => {
    await sessionsOf('late', 3)
    const { scope } = await all.show('filters.login=late')
    office.ftp.add('late3')
    office.ftp.add('late0', { login: 'late-somebody-else' })
    await until('the rows', async () => {
      await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
      return (await admin.list('FtpSession', 'filters.login=late')).meta.total === 4
    })
    const { batch, leftOut } = await all.ask('filters.login=late', { shown: scope.shown })
    expect(leftOut).toMatchObject({ fresh: 1, changed: 1 })
    expect((await all.done(batch)).counts).toEqual({ ended: 2 })
    expect([...office.ftp.sessions.keys()].filter((key) => key.startsWith('late')).sort()).toEqual(['late0', 'late3'])
  })

  test('what shows no longer what the filter asks for is not ended', async () => {
    await sessionsOf('upload', 2, { status: 'uploading' })
    const { scope } = await all.show('filters.login=upload&filters.status=uploading')
    office.ftp.add('upload0', { status: 'idle' })
    await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
    const { batch } = await all.ask('filters.login=upload&filters.status=uploading', { shown: scope.shown })
    expect((await all.done(batch)).counts).toEqual({ ended: 1 })
    expect(livingOf('upload')).toBe(1)
  })

  test("one's own session and those that are not the asker's to end are left out, and counted", async () => {
    await sessionsOf('untouchable', 0)
    office.ftp.add('untouchable', {})
    await admin.row('FtpSession', 'untouchable')
    expect((await all.show('filters.login==untouchable')).scope).toMatchObject({
      shown: [],
      leftOut: { notAllowed: 1 },
    })
    const { leftOut, progress } = await all.ask('filters.login==untouchable', {})
    expect([leftOut.notAllowed, progress.counts]).toEqual([1, {}])

    await office.login('second@example.com')
    await admin.row('PanelSession', 'second@example.com')
    const panel = removeAllAs(admin, 'PanelSession')
    const shown = await panel.show('filters.login=example.com')
    expect(shown.scope.leftOut.own).toBe(1)
    const { batch } = await panel.ask('filters.login=example.com', { shown: shown.scope.shown })
    expect((await panel.done(batch)).counts).toEqual({ ended: shown.scope.shown.length })
    // Also where nothing says what was shown.
    const alone = await panel.ask('filters.login==admin@example.com', {})
    expect([alone.leftOut.own, alone.progress.counts]).toEqual([1, {}])
    await admin.agent.get('/admin').expect(200)
    expect(office.ftp.sessions.has('untouchable')).toBe(true)
  })

  test('everything of one person, whatever its login; nobody else of a similar name', async () => {
    for (const login of ['shop', 'shop_web', 'shop_mail', 'shopper']) office.ftp.add(login)
    await admin.row('FtpSession', 'shopper')
    const { scope } = await all.show('filters.person==shop')
    expect(scope.shown).toHaveLength(3)
    const { batch } = await all.ask('filters.person==shop', { shown: scope.shown })
    expect((await all.done(batch)).counts).toEqual({ ended: 3 })
    expect([...office.ftp.sessions.keys()].filter((key) => key.startsWith('shop'))).toEqual(['shopper'])
  })

  test('whoever may not end them ends nothing, and learns of no session that is not shown to him', async () => {
    await sessionsOf('secret', 2)
    office.ftp.add('visible')
    await admin.row('FtpSession', 'visible')
    const reader = removeAllAs(await office.login('reader@example.com'), 'FtpSession')
    const { scope } = await reader.show('')
    expect(scope).toMatchObject({ shown: [], leftOut: { own: 0, notAllowed: 1 } })
    const { leftOut, progress } = await reader.ask('', {})
    expect([leftOut, progress.counts]).toEqual([{ own: 0, notAllowed: 1, fresh: 0, changed: 0 }, {}])
    expect([livingOf('secret'), livingOf('visible')]).toEqual([2, 1])
  })

  test('from another site nothing is ended, and one line says so', async () => {
    await sessionsOf('foreign', 3)
    const { progress } = await all.ask('filters.login=foreign', {}, { 'Sec-Fetch-Site': 'cross-site' })
    expect(progress.counts).toEqual({ refused: 1 })
    expect(progress.notEnded[0]!.message).toMatch(/came from another site.*Asked for: 3/)
    expect(livingOf('foreign')).toBe(3)
  })

  test('another admin neither sees how far a batch is, nor stops or repeats it', async () => {
    await sessionsOf('mine', 1)
    const { batch } = await all.ask('filters.login=mine', {})
    await all.done(batch)
    const second = removeAllAs(await office.login('second@example.com'), 'FtpSession')
    const told = [
      await second.progress(batch),
      await second.ask('', { batch, stop: true }),
      await second.ask('', { batch }),
    ]
    for (const answer of told) {
      expect(answer.notice).toMatchObject({ type: 'error', message: 'removeOthersBatch' })
      expect(answer.progress).toBeUndefined()
    }
  })

  test.each([
    [{ shown: [[1]] }, /shown is not a list of \[id, mark\]/],
    [{ stop: 'yes' }, /stop is neither true nor false/],
    [{ batch: 'x' }, /batch is not a uuid/],
    [{ stop: true }, /stop is about a batch/],
  ])('%j is not understood, and ends nothing', async (body, problem) => {
    await sessionsOf('clear', 1)
    const { notice, progress } = await all.ask('filters.login=clear', body)
    expect(progress).toBeUndefined()
    expect(notice).toMatchObject({ message: 'removeWrongBody', options: { problem: expect.stringMatching(problem) } })
    expect(livingOf('clear')).toBe(1)
  })

  test('keeping out: offered where every source can, and the ban is in force with the ends', async () => {
    await sessionsOf('banned', 2)
    const { scope } = await all.show('filters.login=banned')
    expect(scope.keepOut).toEqual([{ by: 'login', cutsToo: { count: 0, sessions: [] } }])
    const { batch } = await all.ask('filters.login=banned', {
      shown: scope.shown,
      keepOut: { by: 'login', minutes: 60 },
    })
    expect((await all.done(batch)).counts).toEqual({ ended: 2 })
    expect(office.keptOut.at(-1)!.sort()).toEqual(['banned0', 'banned1'])
  })
})

describe('a removal of very many', () => {
  test('goes on by itself, tells how far it is, and what has not begun can be stopped', async () => {
    let letGo: () => void = () => undefined
    const held = new Promise<void>((resolve) => (letGo = resolve))
    const office = await backOffice({ pollEvery: 300 })
    try {
      const end = office.ftp.end
      office.ftp.end = async (session, signal) => {
        await held
        return end(session, signal)
      }
      const admin = await office.login('admin@example.com')
      for (let i = 0; i < 1500; i++) office.ftp.add(`flood${i}`)
      await until('the rows', async () => {
        await admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
        return (await admin.list('FtpSession')).meta.total === 1500
      })
      const all = removeAllAs(admin, 'FtpSession')
      const { batch, progress } = await all.ask('', {})
      expect(progress.counts).toEqual({ pending: 1500 })
      const foreign = await admin.agent
        .post('/admin/api/resources/FtpSession/actions/removeAll')
        .set({ 'Sec-Fetch-Site': 'cross-site' })
        .send({ batch, stop: true })
      expect((foreign.body as Answer).notice!.message).toMatch(/another site/)
      expect((await all.progress(batch)).progress.counts.stopped).toBeUndefined()
      await all.ask('', { batch, stop: true })
      const { counts } = (await all.progress(batch)).progress
      expect(counts.pending! + counts.stopped!).toBe(1500)
      expect(counts.stopped).toBeGreaterThanOrEqual(1000)
      letGo()
      expect((await all.done(batch)).counts).toEqual({ ended: counts.pending, stopped: counts.stopped })
      expect(office.ftp.sessions.size).toBe(counts.stopped)
    } finally {
      letGo()
      await office.stop()
    }
  })
})
