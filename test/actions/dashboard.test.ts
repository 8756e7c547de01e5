import { afterEach, describe, expect, test } from '@jest/globals'
import { waitingQuestion } from './waiting-question.js'
import { backOffice } from './back-office.js'

interface Answer {
  unchanged?: true
  panel: { total: number; online: number; types: Record<string, number>; sources: Record<string, number> } | null
  ftp: { total: number; statuses: Record<string, number>; sources: Record<string, number> } | null
  traffic: { hour: unknown[]; day: unknown[] } | null
  sources: { name: string; state: string }[]
  unseen: { sources: number }
  removals: { params: { login: string; outcome: string } }[] | null
  sessions: { tag: string; revision: string }
}

let office: Awaited<ReturnType<typeof backOffice>>
afterEach(() => office.stop())

type Person = Awaited<ReturnType<typeof office.login>>
const dashboard = async ({ agent }: Person, query = '') =>
  (await agent.get(`/admin/api/dashboard?${query}`).set('x-adminjs-sessions-poll', '1').expect(200)).body as Answer
const poll = ({ agent }: Person) => agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)

describe('the dashboard', () => {
  test('says what is open, what is read, what was removed, and is answered when that changes', async () => {
    office = await backOffice({ pollEvery: 60_000 })
    const admin = await office.login('admin@example.com')
    await admin.row('PanelSession', 'admin@example.com')
    office.ftp.add('shop', { status: 'uploading' })
    office.ftp.add('ftp', { status: 'idle' })
    await poll(admin)
    const first = await dashboard(admin)
    expect(first.panel).toMatchObject({ total: 1, online: 1, sources: { 'express-session': 1 } })
    expect(first.ftp).toMatchObject({ total: 2, statuses: { uploading: 1, idle: 1 }, sources: { 'fake-ftp': 2 } })
    expect(first.sources.map(({ name, state }) => [name, state])).toEqual([
      ['express-session', 'ok'],
      ['fake-ftp', 'ok'],
    ])
    expect(first.removals).toEqual([])
    expect(first.traffic).toEqual({ hour: [], day: [] })

    const { later } = await waitingQuestion((query) => dashboard(admin, query))
    const { id } = await admin.row('FtpSession', 'shop')
    await admin.remove('FtpSession', id)
    expect((await later).unchanged).toBeUndefined()
    const { removals, ftp } = await dashboard(admin)
    expect(removals!.map(({ params }) => [params.login, params.outcome])).toEqual([['shop', 'ended']])
    expect(ftp!.total).toBe(1)
  })

  test('shows everybody what he may see and no more: no sum of what others do, no source, no name', async () => {
    office = await backOffice({
      pollEvery: 60_000,
      access: {
        remove: ({ currentAdmin }) => currentAdmin?.role === 'admin',
        list: ({ currentAdmin, resource }) =>
          currentAdmin?.role === 'admin' || (resource.id() === 'PanelSession' ? false : { login: currentAdmin?.email }),
      },
    })
    const admin = await office.login('admin@example.com')
    const reader = await office.login('reader@example.com')
    office.ftp.add('shop', { status: 'uploading' })
    office.ftp.add('shop of another', { status: 'uploading', bytesPerSecond: 5 } as object)
    office.ftp.add('reader@example.com')
    await poll(admin)
    const { id } = await admin.row('FtpSession', 'shop')
    await admin.remove('FtpSession', id)
    const answer = await dashboard(reader)
    expect(answer.panel).toBeNull()
    expect(answer.ftp).toMatchObject({ total: 1, statuses: { idle: 1 } })
    expect(answer.traffic).toBeNull()
    expect(answer.sources).toEqual([])
    expect(answer.unseen.sources).toBe(2)
    expect(answer.removals).toEqual([])
    expect(JSON.stringify(answer)).not.toContain('shop')
  })
})
