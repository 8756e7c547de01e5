import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { fakeSource } from '../engine/fake-source.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>

interface Answer {
  unchanged?: true
  revision?: string | null
  records: { params: { login: string } }[]
  sessions: { tag: string; revision: string | null }
  notice?: { type: string; message: string }
}

describe('a list that is asked for with what it was at', () => {
  let office: Office
  let admin: Awaited<ReturnType<Office['login']>>
  beforeAll(async () => {
    office = await backOffice({ pollEvery: 60_000 })
    admin = await office.login('admin@example.com')
    await admin.row('PanelSession', 'admin@example.com')
  })
  afterAll(() => office.stop())

  const listUrl = (resource: string, query = '') => `/admin/api/resources/${resource}/actions/list?${query}`
  const ask = async (resource: string, query = '', who = admin) =>
    (await who.agent.get(listUrl(resource, query)).set('x-adminjs-sessions-poll', '1').expect(200)).body as Answer
  const asked = (answer: Promise<unknown>) =>
    Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 300, 'waits'))])
  const poll = () => admin.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)

  test('is answered when something in it changes, and not before', async () => {
    await poll()
    const { sessions } = await ask('FtpSession')
    const answer = ask('FtpSession', `known=${sessions.tag}&since=${sessions.revision}`)
    expect(await asked(answer)).toBe('waits')
    office.ftp.add('newcomer')
    await poll()
    expect((await answer).records.map(({ params }) => params.login)).toContain('newcomer')
  })

  test('is answered at once where it is at another revision by now', async () => {
    const { sessions } = await ask('FtpSession')
    office.ftp.add('another')
    await poll()
    const answer = await ask('FtpSession', `known=${sessions.tag}&since=${sessions.revision}`)
    expect(answer.records.map(({ params }) => params.login)).toContain('another')
  })

  test('of one kind does not wake who waits for the other', async () => {
    let answer: Promise<Answer>
    for (let i = 0; ; i++) {
      const { sessions } = await ask('PanelSession')
      answer = ask('PanelSession', `known=${sessions.tag}&since=${sessions.revision}`)
      office.ftp.add(`elsewhere ${i}`)
      await poll()
      const first = (await asked(answer)) as Answer | 'waits'
      if (first === 'waits') break
      expect(i).toBeLessThan(20)
      // That the asker was active is a change of his own session, and may be found just then.
      expect((first.sessions ?? first).revision).not.toBe(sessions.revision)
    }
    await office.login('second@example.com')
    await admin.agent.post('/admin/api/resources/PanelSession/actions/refresh').expect(200)
    // Another change may have come before that one.
    await answer
    expect((await ask('PanelSession')).records.map(({ params }) => params.login)).toContain('second@example.com')
  })

  test("tells nothing more to whoever's own session was ended while he waited", async () => {
    const reader = await office.login('reader@example.com')
    const { id } = await admin.row('PanelSession', 'reader@example.com')
    const { sessions } = await ask('FtpSession', '', reader)
    const answer = ask('FtpSession', `known=${sessions.tag}&since=${sessions.revision}`, reader)
    expect(await asked(answer)).toBe('waits')
    expect((await admin.remove('PanelSession', id)).removals[0]!.outcome).toBe('ended')
    office.ftp.add('secret')
    await poll()
    const told = await answer
    expect(told.records).toEqual([])
    expect(told.notice).toMatchObject({ type: 'error' })
    await reader.agent.get('/admin').expect(302)
  })

  test('does not hold up the end of the back office', async () => {
    const short = await backOffice()
    const person = await short.login('admin@example.com')
    await person.row('PanelSession', 'admin@example.com')
    const { sessions } = await ask('FtpSession', '', person)
    const answer = ask('FtpSession', `since=${sessions.revision}`, person).catch(() => undefined)
    expect(await asked(answer)).toBe('waits')
    await short.stop()
    await answer
  })
})

test("no question waits where the store of the own session is nobody's: it might be written back as it was", async () => {
  const office = await backOffice({ sources: [fakeSource({ name: 'fake-ftp' })] })
  try {
    const { agent } = await office.login('admin@example.com')
    const { body } = await agent.get('/admin/api/resources/FtpSession/actions/list').expect(200)
    expect((body as Answer).sessions.revision).toBeNull()
    await agent.get('/admin/api/resources/FtpSession/actions/list?since=anything').expect(200)
  } finally {
    await office.stop()
  }
})
