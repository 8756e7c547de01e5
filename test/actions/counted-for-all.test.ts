import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { until } from '../until.js'
import { backOffice } from './back-office.js'

const here = postgresMissing ? test.skip : test

describe('what takes long to count', () => {
  let postgres: Postgres | undefined
  let office: Awaited<ReturnType<typeof backOffice>>
  beforeAll(async () => {
    if (postgresMissing) return
    postgres = await startPostgresWithTables()
    office = await backOffice({
      pollEvery: 60_000,
      database: { type: 'postgres', url: postgres.url },
      access: {
        remove: () => true,
        list: ({ currentAdmin, resource }) =>
          currentAdmin?.role === 'admin' || (resource.id() === 'FtpSession' && { login: 'theirs' }),
      },
    })
  })
  afterAll(async () => {
    await office?.stop()
    await postgres?.stop()
  })

  /** The table cannot be read until this ends. */
  async function lock(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: postgres!.url })
    await client.connect()
    await client.query('BEGIN; LOCK TABLE adminjs_sessions_ftp IN ACCESS EXCLUSIVE MODE')
    return client
  }

  async function waiting(client: pg.Client): Promise<number> {
    const { rows } = await client.query(
      `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = 'adminjs_sessions_ftp'::regclass`,
    )
    return rows[0].n
  }

  here('is counted once for all pages, soon again, and for nobody with other rights', async () => {
    const [first, second, reader] = await Promise.all(
      ['admin@example.com', 'second@example.com', 'reader@example.com'].map((email) => office.login(email)),
    )
    const look = () => first!.agent.post('/admin/api/resources/FtpSession/actions/refresh').expect(200)
    // As if this were the first one's own.
    office.ftp.add((await first!.row('PanelSession', 'admin@example.com')).params.key as string)
    office.ftp.add('theirs')
    await look()

    // The rows, how many they are and their totals are asked for one after the other: each waits for a lock.
    let held = await lock()
    const slow = Promise.all([first!.list('FtpSession'), first!.list('FtpSession', 'filters.mine=true')])
    for (const _ of ['rows', 'count', 'totals']) {
      await until('both questions', async () => (await waiting(held)) === 2)
      const next = lock()
      await until('who wants the lock behind it', async () => (await waiting(held)) === 3)
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      await held.query('COMMIT')
      await held.end()
      held = await next
    }
    await held.end()
    expect((await slow).map(({ meta }) => meta.total)).toEqual([2, 1])

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
