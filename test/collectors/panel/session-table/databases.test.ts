import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import pg from 'pg'
import { DataSource } from 'typeorm'
import { sessionTable, type SessionTableOptions } from '../../../../src/collectors/panel/session-table/session-table.js'
import { type ListedPanelSession, type PanelSource, RemovalRefused } from '../../../../src/session-source.js'
import { pausesDuring } from '../../../turns.js'
import { until } from '../../../until.js'
import { FakeSite, list } from '../express-sessions/fake-site.js'
import { panelDatabases, type PanelDatabase } from './panel-databases.js'

const { signal } = new AbortController()
const keyOf = (id: string) => createHash('sha256').update(id).digest('hex')
const loginsOf = (sessions: ListedPanelSession[]) => sessions.map(({ login }) => login).sort()
const at = (seconds: number) => new Date(seconds * 1000)

interface Row {
  id: string
  userName: string | null
}
type Options = Partial<SessionTableOptions<Row, unknown>>

describe.each(panelDatabases)('$engine', ({ engine, missing, start }) => {
  const testHere = missing ? test.skip : test
  const isPostgres = engine === 'postgres'
  let database: PanelDatabase
  beforeAll(async () => {
    if (!missing) database = await start()
  })
  afterAll(() => database?.stop())
  // Names that mean something to SQL, and that PostgreSQL folds where they are not quoted.
  const q = (name: string) => (engine === 'mariadb' ? `\`${name}\`` : `"${name}"`)
  const table = q('order')
  beforeEach(async () => {
    if (missing) return
    await database.run(`DROP TABLE IF EXISTS ${table}`)
    const zoned = { sqlite: 'text', postgres: 'timestamptz', mariadb: 'datetime(6)' }[engine]
    const zoneless = { sqlite: 'text', postgres: 'timestamp', mariadb: 'datetime' }[engine]
    const bytes = { sqlite: 'blob', postgres: 'bytea', mariadb: 'longblob' }[engine]
    await database.run(
      `CREATE TABLE ${table} (id varchar(100) PRIMARY KEY, ${q('userName')} varchar(100), ${q('group')} text, seconds bigint,
        zoned ${zoned}, zoneless ${zoneless}, bytes ${bytes}, ratio float)`,
    )
  })

  const insert = (id: string, userName: string | null, more: Record<string, unknown> = {}) => {
    const row: Record<string, unknown> = { id, userName, ...more }
    const names = Object.keys(row)
    return database.run(
      `INSERT INTO ${table} (${names.map(q).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      Object.values(row),
    )
  }
  const update = (id: string, changes: Record<string, unknown>) =>
    database.run(
      `UPDATE ${table} SET ${Object.keys(changes)
        .map((name) => `${q(name)} = ?`)
        .join(', ')} WHERE id = ?`,
      [...Object.values(changes), id],
    )
  const count = async () =>
    Number(((await database.run(`SELECT count(*) AS n FROM ${table}`)) as { n: unknown }[])[0]!.n)
  const made = (options: Options = {}) =>
    sessionTable<Row, unknown>({
      ...{ connection: database.connection, table: 'order', columns: { id: 'id', login: 'userName' } },
      ...options,
    })
  /** Judged by a function, which may do something in between. */
  const judged = (meanwhile: () => void = () => {}) =>
    made({ columns: { id: 'id', login: ({ userName }) => (meanwhile(), userName) } })
  const end = async (source: PanelSource, session?: ListedPanelSession) =>
    source.end(session ?? (await list(source))[0]!, signal, () => list(source))

  testHere('by name: texts, and times in each form; nobody is no session', async () => {
    const text = '2126-11-29 22:04:05'
    await insert('a', 'alice', {
      group: '::ffff:192.0.2.1',
      seconds: 1_764_453_600,
      zoned: `${text}.250`,
      zoneless: text,
    })
    await insert('b', 'bob')
    await insert('c', null)
    const source = made({
      columns: {
        ...{ id: 'id', login: 'userName', type: 'userName', ip: 'group', userAgent: 'group' },
        ...{ loggedInAt: 'seconds', lastActiveAt: 'zoned', expiresAt: 'zoneless' },
      },
    })
    const [alice, bob, ...more] = (await list(source)).sort((a, b) => (a.login! < b.login! ? -1 : 1))
    expect(more).toEqual([])
    expect(alice).toMatchObject({
      ...{
        key: keyOf('a'),
        handle: 'a',
        login: 'alice',
        type: 'alice',
        ip: '192.0.2.1',
        userAgent: '::ffff:192.0.2.1',
      },
      ...{ loggedInAt: at(1_764_453_600), lastActiveAt: new Date('2126-11-29T22:04:05.250Z') },
      expiresAt: new Date('2126-11-29T22:04:05Z'),
    })
    expect(bob).toMatchObject({ login: 'bob', ip: null, loggedInAt: null, lastActiveAt: null, expiresAt: null })
    expect(source.warnings!()).toEqual([])
  })

  testHere('2,500 rows, each once, looked up 1,000 at a time', async () => {
    const ids = Array.from({ length: 2500 }, (_, i) => keyOf(`${i}`).slice(0, 40))
    for (let i = 0; i < 2500; i += 100) {
      const some = ids.slice(i, i + 100)
      await database.run(
        `INSERT INTO ${table} (id, ${q('userName')}) VALUES ${some.map(() => '(?, ?)').join(', ')}`,
        some.flatMap((id) => [id, `u-${id}`]),
      )
    }
    const asked: number[] = []
    const source = made({
      read: ['userName'],
      lookup: async (rows) => (
        asked.push(rows.length),
        new Map(rows.map(({ userName }) => [userName, `name of ${userName}`]))
      ),
      columns: { id: 'id', login: ({ userName }, names) => (names as Map<unknown, string>).get(userName) },
    })
    expect(loginsOf(await list(source))).toEqual(ids.map((id) => `name of u-${id}`).sort())
    expect(asked).toEqual([1000, 1000, 500])
  })

  testHere('only what is read is read', async () => {
    await insert('a', 'alice', { group: 'secret' })
    const seen: string[][] = []
    const columns: Options['columns'] = { id: 'id', login: (row) => (seen.push(Object.keys(row)), 'alice') }
    await list(made({ columns, read: ['ratio'] }))
    await list(made({ columns }))
    const own = (names: string[]) => names.filter((name) => !name.startsWith('adminjs_sessions_'))
    expect(own(seen[0]!)).toEqual(['ratio'])
    expect(own(seen[1]!)).toEqual(['id', 'userName', 'group', 'seconds', 'zoned', 'zoneless', 'bytes', 'ratio'])
  })

  testHere('a table or a column that is not there is an error that says what to do, also in SQLite', async () => {
    await insert('a', 'alice')
    await expect(list(made({ table: 'nowhere' }))).rejects.toThrow(/^The sessions in nowhere can't be read: .*nowhere/)
    for (const columns of [
      { id: 'id', login: 'nobody' },
      { id: 'nothing', login: 'userName' },
    ]) {
      await expect(list(made({ columns }))).rejects.toThrow(/^The sessions in order can't be read: .*(nobody|nothing)/)
    }
    await expect(list(made({ read: ['nobody'] }))).rejects.toThrow(/nobody/)
    // No connection was left in a transaction.
    for (let i = 0; i < 4; i++) await insert(`b${i}`, 'bob')
    expect(await list(made())).toHaveLength(5)
  })

  testHere('a function that fails for one row: that one has no login, and what is told has no id in it', async () => {
    await insert('secret-1', 'alice')
    await insert('secret-2', 'bob')
    const login = ({ id, userName }: Row) => {
      if (userName === 'bob') throw new Error(`Nobody knows ${id}.`)
      return userName
    }
    const source = made({ columns: { id: 'id', login } })
    const sessions = await list(source)
    expect(sessions.find(({ key }) => key === keyOf('secret-2'))!.login).toBeNull()
    expect(source.warnings!()).toEqual([
      '1 session is shown without a login. The option columns of sessionTable threw: Nobody knows (session id).',
    ])
    await database.run(`DELETE FROM ${table} WHERE id = 'secret-1'`)
    await expect(list(source)).rejects.toThrow('The option columns of sessionTable threw: Nobody knows (session id).')
    await expect(list(made({ lookup: ([row]) => Promise.reject(new Error(`no ${row!.id}`)) }))).rejects.toThrow(
      'The option lookup of sessionTable failed: no (session id)',
    )
  })

  testHere('a time by name that is none is told of', async () => {
    await insert('secret-1', 'alice', { group: 'yesterday' })
    await insert('secret-2', 'bob')
    const source = made({ columns: { id: 'id', login: 'userName', lastActiveAt: 'group' } })
    expect(loginsOf(await list(source))).toEqual(['bob', null])
    expect(source.warnings!()[0]).toMatch(/9 characters are no time: expected seconds since 1970/)
  })

  testHere('one whose time is up is none, and there is nothing to end of it', async () => {
    await insert('a', 'alice', { seconds: Math.floor(Date.now() / 1000) + 3600 })
    const source = made({ columns: { id: 'id', login: 'userName', expiresAt: 'seconds' } })
    const [session] = await list(source)
    await update('a', { seconds: 1 })
    expect(await list(source)).toEqual([])
    expect(await end(source, session)).toBe('already-gone')
    expect(await count()).toBe(1)
  })

  describe('ending', () => {
    testHere('deletes that row and no other', async () => {
      await insert('a', 'alice', {
        zoned: '2026-11-29 22:04:05.123456',
        bytes: Buffer.from([0, 255, 128]),
        ratio: 1.1,
        group: "é'",
      })
      await insert('b', 'alice')
      for (const source of [judged(), made()]) {
        const sessions = await list(source)
        expect(
          await end(
            source,
            sessions.find(({ key }) => key === keyOf('a')),
          ),
        ).toBe('asked')
        expect(await count()).toBe(1)
        expect(
          await end(
            source,
            sessions.find(({ key }) => key === keyOf('a')),
          ),
        ).toBe('already-gone')
        await insert('a', 'alice')
      }
    })

    testHere("another login's is refused, nobody's has gone", async () => {
      for (const source of [judged(), made()]) {
        await database.run(`DELETE FROM ${table}`)
        await insert('a', 'alice')
        const [session] = await list(source)
        await update('a', { userName: 'bob' })
        await expect(end(source, session)).rejects.toThrow(RemovalRefused)
        await update('a', { userName: null })
        expect(await end(source, session)).toBe('already-gone')
        expect(await count()).toBe(1)
      }
    })

    testHere('one that is written between the check and the DELETE is judged again', async () => {
      await insert('a', 'alice', { group: 'x' })
      let meanwhile = async () => {}
      const written: Promise<unknown>[] = []
      const lookup = async () => {
        await meanwhile()
      }
      const source = made({ lookup, columns: { id: 'id', login: ({ userName }) => userName } })
      const [session] = await list(source)
      // In the same column another case is another value, and so are other bytes.
      const changes: Record<string, unknown>[] = [
        { group: 'X' },
        { bytes: Buffer.from([254]) },
        { bytes: Buffer.from([253]) },
      ]
      let n = 0
      meanwhile = async () => {
        n++
        const change = changes.shift()
        if (change) written.push(await update('a', change))
      }
      expect(await end(source, session)).toBe('asked')
      expect(n).toBe(4)

      await insert('a', 'alice')
      meanwhile = async () => void (await update('a', { seconds: n++ }))
      await expect(end(source, session)).rejects.toThrow(/written anew each time .* 10 times/)
      meanwhile = async () => void (await update('a', { userName: 'bob' }))
      await expect(end(source, session)).rejects.toThrow(RemovalRefused)
      expect(await count()).toBe(1)
    })

    testHere("by the host's own function, once the row has been judged", async () => {
      await insert('a', 'alice', { group: 'g' })
      const asked: unknown[] = []
      const source = made({ end: async (session) => void asked.push(session) })
      const [session] = await list(source)
      expect(await end(source, session)).toBe('asked')
      expect(asked).toMatchObject([{ id: 'a', row: { userName: 'alice', group: 'g' } }])
      await update('a', { userName: 'bob' })
      await expect(end(source, session)).rejects.toThrow(RemovalRefused)
      expect(asked).toHaveLength(1)
      expect(source.endsBy).toBe('the option end, for a row of order.')
    })

    testHere("a function of the host's that fails is told, without the id", async () => {
      await insert('secret-1', 'alice')
      const source = made({ end: ({ id }) => Promise.reject(new Error(`no ${id}`)) })
      await expect(end(source)).rejects.toThrow('The session could not be ended in order: no (session id)')
    })

    testHere('nothing is done where its signal is aborted', async () => {
      await insert('a', 'alice')
      const source = made()
      const [session] = await list(source)
      const over = AbortSignal.abort(new Error('Too late.'))
      await expect(source.end(session!, over, () => list(source))).rejects.toThrow('Too late.')
      await expect(source.list(over)).rejects.toThrow(/^Too late\.$/)
      expect(await count()).toBe(1)
    })

    if (isPostgres)
      testHere('without the right to, it is refused in the words of the database', async () => {
        await insert('secret-1', 'alice')
        const role = `reader_${Date.now()}`
        await database.run(`CREATE ROLE ${role} LOGIN`)
        await database.run(`GRANT SELECT ON ${table} TO ${role}`)
        const { url } = database.connection.options as { url: string }
        const reader = new DataSource({ type: 'postgres', url: url.replace(/postgres@/, `${role}@`) })
        await reader.initialize()
        try {
          const source = made({ connection: reader })
          const ending = end(source)
          await expect(ending).rejects.toThrow(RemovalRefused)
          await expect(ending).rejects.toThrow(/could not be ended in order: permission denied/)
        } finally {
          await reader.destroy()
          await database.run(`DROP OWNED BY ${role}`)
          await database.run(`DROP ROLE ${role}`)
        }
      })
  })

  if (isPostgres)
    testHere('it is read by transactions that cannot write, also where the table is a view that would', async () => {
      await database.run(
        `CREATE FUNCTION written() RETURNS text LANGUAGE sql VOLATILE AS $$ INSERT INTO ${table} (id) VALUES ('w') RETURNING id $$`,
      )
      await database.run('CREATE VIEW writing AS SELECT written() AS id, 1 AS login')
      await expect(list(made({ table: 'writing', columns: { id: 'id', login: 'login' } }))).rejects.toThrow(
        /read-only transaction/,
      )
      expect(await count()).toBe(0)
      await database.run('DROP VIEW writing')
      await database.run('DROP FUNCTION written')
    })

  if (isPostgres)
    testHere('a table in another schema, with ids that are no texts', async () => {
      await database.run('CREATE SCHEMA other')
      await database.run('CREATE TABLE other.sessions (id uuid PRIMARY KEY, who bigint)')
      await database.run(`INSERT INTO other.sessions VALUES ('6f1ed002-ab5d-4f3a-9c9f-0d5a1d1f3b3a', 7)`)
      const source = made({ table: 'other.sessions', columns: { id: 'id', login: 'who' } })
      const [session] = await list(source)
      expect(session).toMatchObject({ login: '7', key: keyOf('6f1ed002-ab5d-4f3a-9c9f-0d5a1d1f3b3a') })
      expect(await end(source, session)).toBe('asked')
      await database.run('DROP SCHEMA other CASCADE')
    })

  if (engine !== 'sqlite')
    testHere('each page is a transaction of its own that cannot write; a DELETE is one statement', async () => {
      await insert('a', 'alice')
      const asked: string[] = []
      const recorded = {
        options: database.connection.options,
        isInitialized: true,
        createQueryRunner() {
          const runner = database.connection.createQueryRunner()
          return {
            query: (sql: string, values?: unknown[], structured?: true) => (
              asked.push(sql.split(' ').slice(0, 2).join(' ')),
              runner.query(sql, values, structured as true)
            ),
            release: () => (asked.push('released'), runner.release()),
          }
        },
      }
      const source = made({ connection: recorded })
      const [session] = await list(source)
      const page = ['START TRANSACTION', `SELECT CAST(s.${q('id')}`, 'COMMIT', 'released']
      expect(asked).toEqual(page)
      await end(source, session)
      expect(asked).toEqual([...page, ...page, 'DELETE FROM', 'released'])
    })

  if (isPostgres)
    testHere(
      'whoever waits for a table that is locked stops at the signal, and no connection is lost by it',
      async () => {
        await insert('a', 'alice')
        const source = made()
        const [session] = await list(source)
        const { url } = database.connection.options as { url: string }
        const [locking, looking] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })]
        await Promise.all([locking.connect(), looking.connect()])
        const waits = () =>
          until('it waits', async () => {
            const sql = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
            return (await looking.query(sql)).rowCount
          })
        for (const ask of [
          (stopping: AbortSignal) => source.list(stopping),
          (stopping: AbortSignal) => source.end(session!, stopping, () => list(source)),
        ]) {
          await locking.query('BEGIN')
          await locking.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`)
          const stop = new AbortController()
          const asked = ask(stop.signal).catch((error: Error) => error.message)
          await waits()
          stop.abort(new Error('Too late.'))
          expect(await asked).toBe('Too late.')
          await locking.query('ROLLBACK')
          expect(loginsOf(await list(source))).toEqual(['alice'])
        }
        await Promise.all([locking.end(), looking.end()])
        for (let i = 0; i < 4; i++) await insert(`b${i}`, 'bob')
        expect(await list(source)).toHaveLength(5)
      },
    )

  testHere('a hint when the largest value of updated has changed, until its signal', async () => {
    await insert('a', 'alice', { seconds: 1 })
    const site = new FakeSite()
    const stopping = new AbortController()
    const started = made({ updated: 'seconds' }).start!(site, stopping.signal)
    let n = 2
    await until('a hint', async () => (await update('a', { seconds: n++ }), site.hints > 0))
    stopping.abort()
    await started
    // A source without it has nothing to wait for, and one that can't be read goes on.
    await made().start!(site, new AbortController().signal)
    const wrong = new AbortController()
    const going = made({ updated: 'nothing' }).start!(site, wrong.signal)
    wrong.abort()
    await going
  })
})

describe('SQLite', () => {
  test('the event loop can be let go between rows: where they are told, and where they become sessions', async () => {
    const connection = await new DataSource({ type: 'sqlite', database: ':memory:' }).initialize()
    await connection.query('CREATE TABLE sessions (id text PRIMARY KEY, login text)')
    await connection.query(
      `INSERT INTO sessions VALUES ${Array.from({ length: 300 }, (_, i) => `('s${i}', 'u${i}')`).join()}`,
    )
    const source = sessionTable({ connection, table: 'sessions', columns: { id: 'id', login: 'login' } })
    expect(await pausesDuring(() => list(source))).toBeGreaterThanOrEqual(600)
    await connection.destroy()
  })

  test('a DataSource that is not open is an error that says what to do', async () => {
    const connection = new DataSource({ type: 'sqlite', database: ':memory:' })
    const source = sessionTable({ connection, table: 'sessions', columns: { id: 'id', login: 'login' } })
    await expect(list(source)).rejects.toThrow(/can't be read: the DataSource is not open: await its initialize\(\)/)
  })
})
