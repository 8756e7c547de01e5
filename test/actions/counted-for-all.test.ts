import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { tcpProxy, type TcpProxy } from '../servers/tcp-proxy.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

const here = postgresMissing ? test.skip : test

describe('what takes long to count', () => {
  let postgres: Postgres | undefined
  let proxy: TcpProxy | undefined
  let office: Awaited<ReturnType<typeof backOffice>>
  beforeAll(async () => {
    if (postgresMissing) return
    postgres = await startPostgresWithTables()
    const url = new URL(postgres.url)
    proxy = await tcpProxy(Number(url.port))
    url.port = String(proxy.port)
    office = await backOffice({
      pollEvery: 60_000,
      database: { type: 'postgres', url: url.href },
      access: {
        remove: () => true,
        list: ({ currentAdmin, resource }) =>
          currentAdmin?.role === 'admin' || (resource.id() === 'FtpSession' && { login: 'theirs' }),
      },
    })
  })
  afterAll(async () => {
    await office?.stop()
    await proxy?.close()
    await postgres?.stop()
  })

  here('is counted once for all pages, soon again, and for nobody with other rights', async () => {
    const [first, second, reader] = await Promise.all(
      ['admin@example.com', 'second@example.com', 'reader@example.com'].map((email) => office.login(email)),
    )
    const look = () => first!.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
    // As if this were the first one's own.
    office.ftp.add((await first!.row('PanelSession', 'admin@example.com')).params.key as string)
    office.ftp.add('theirs')
    await look()

    // Each question to the database takes two seconds, and each count is asked for three times.
    proxy!.delay(1_000)
    const queries = ['', '', '', 'filters.mine=true', 'filters.mine=true', 'filters.mine=true']
    const lists = await Promise.all(queries.map((query) => first!.list('FtpSession', query)))
    expect(lists.map(({ meta }) => meta.total)).toEqual([2, 2, 2, 1, 1, 1])
    proxy!.delay(0)

    office.ftp.add('newcomer')
    await look()
    const seen = await second!.list('FtpSession')
    expect(seen.records.map(({ params }) => params.login)).toContain('newcomer')
    expect(seen).toMatchObject({ meta: { total: 2 }, sessions: { totals: { statuses: { idle: 2 } }, revision: null } })
    expect(await second!.list('FtpSession', 'filters.mine=true')).toMatchObject({ meta: { total: 0 } })
    // Other rights and other filters are other questions.
    expect(await reader!.list('FtpSession')).toMatchObject({ meta: { total: 1 } })
    expect(await second!.list('FtpSession', 'filters.login=newcomer')).toMatchObject({ meta: { total: 1 } })
    const shown = async () => (await second!.list('FtpSession')) as { sessions: { revision?: string | null } }
    await until('an answer that is as new as its rows', async () => (await shown()).sessions.revision !== null)
    expect(await first!.list('FtpSession')).toMatchObject({
      meta: { total: 3 },
      sessions: { totals: { statuses: { idle: 3 } }, revision: expect.any(String) },
    })
  })
})
