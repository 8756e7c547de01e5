import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { deflateSync, inflateSync } from 'node:zlib'
import { sessionTable } from '../../../../src/collectors/panel/session-table/session-table.js'
import type { PanelSource } from '../../../../src/session-source.js'
import type { Engine, PanelDatabase } from './panel-databases.js'

/** A framework's tables as its own migrations make them, and what it does with a session. */
export interface Framework {
  name: 'Laravel' | 'Django' | 'Rails'
  tables(engine: Engine): string[]
  /** The session table, and its columns of ids and of what a session holds. */
  table: { name: string; id: string; data: string }
  users: { table: string; login: string }
  /** Who is logged in (a user's id), or nobody: a row's values by its columns. */
  row(id: string, user: number | null): Record<string, unknown>
  /** What changes at a request. */
  used(user: number): Record<string, unknown>
}

/** `2026-11-29 22:04:05.123456` in UTC. */
const dateTime = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '000')
const now = () => Math.floor(Date.now() / 1000)
const key = {
  sqlite: 'integer PRIMARY KEY AUTOINCREMENT',
  postgres: 'bigserial PRIMARY KEY',
  mariadb: 'bigint AUTO_INCREMENT PRIMARY KEY',
}
let moment = 0

export const frameworks: Framework[] = [
  {
    name: 'Laravel',
    // database/migrations/0001_01_01_000000_create_users_table.php
    tables: (engine) => [
      `CREATE TABLE sessions (id varchar(255) NOT NULL PRIMARY KEY, user_id bigint NULL, ip_address varchar(45) NULL,
        user_agent text NULL, payload ${engine === 'mariadb' ? 'longtext' : 'text'} NOT NULL, last_activity integer NOT NULL)`,
      'CREATE INDEX sessions_user_id_index ON sessions (user_id)',
      'CREATE INDEX sessions_last_activity_index ON sessions (last_activity)',
      `CREATE TABLE users (id ${key[engine]}, name varchar(255) NOT NULL, email varchar(255) NOT NULL)`,
    ],
    table: { name: 'sessions', id: 'id', data: 'payload' },
    users: { table: 'users', login: 'email' },
    row: (id, user) => ({
      ...{ id, user_id: user, ip_address: '192.0.2.1', user_agent: 'curl/8', last_activity: now() },
      payload: Buffer.from('a:1:{s:6:"_token";s:3:"abc";}').toString('base64'),
    }),
    // One second later each time: it counts whole ones.
    used: (user) => ({ user_id: user, last_activity: now() + ++moment }),
  },
  {
    name: 'Django',
    // django/contrib/sessions/migrations/0001_initial.py
    tables: (engine) => [
      `CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY,
        session_data ${engine === 'mariadb' ? 'longtext' : 'text'} NOT NULL, expire_date ${
          { sqlite: 'datetime', postgres: 'timestamp with time zone', mariadb: 'datetime(6)' }[engine]
        } NOT NULL)`,
      'CREATE INDEX django_session_expire_date ON django_session (expire_date)',
      `CREATE TABLE auth_user (id ${key[engine]}, username varchar(150) NOT NULL UNIQUE)`,
    ],
    table: { name: 'django_session', id: 'session_key', data: 'session_data' },
    users: { table: 'auth_user', login: 'username' },
    row: (id, user) => ({
      session_key: id,
      session_data: signed(user === null ? {} : { _auth_user_id: String(user), _auth_user_backend: 'x'.repeat(80) }),
      expire_date: `${dateTime(Date.now() + 86_400_000)}`,
    }),
    used: (user) => ({ session_data: signed({ _auth_user_id: String(user), n: ++moment }) }),
  },
  {
    name: 'Rails',
    // lib/generators/active_record/templates/migration.rb of activerecord-session_store
    tables: (engine) => {
      const time = { sqlite: 'datetime(6)', postgres: 'timestamp(6)', mariadb: 'datetime(6)' }[engine]
      return [
        `CREATE TABLE sessions (id ${key[engine]}, session_id varchar(255) NOT NULL, data text, created_at ${time} NOT NULL, updated_at ${time} NOT NULL)`,
        'CREATE UNIQUE INDEX index_sessions_on_session_id ON sessions (session_id)',
        'CREATE INDEX index_sessions_on_updated_at ON sessions (updated_at)',
        `CREATE TABLE users (id ${key[engine]}, email varchar(255) NOT NULL)`,
      ]
    },
    table: { name: 'sessions', id: 'session_id', data: 'data' },
    users: { table: 'users', login: 'email' },
    row: (id, user) => ({
      session_id: `2::${id}`,
      data: user === null ? null : JSON.stringify({ 'warden.user.user.key': [[user], '$2a$12$x'] }),
      ...{ created_at: dateTime(Date.now()), updated_at: dateTime(Date.now()) },
    }),
    used: (user) => ({
      data: JSON.stringify({ 'warden.user.user.key': [[user], '$2a$12$x'], n: ++moment }),
      updated_at: dateTime(Date.now() + moment * 1000),
    }),
  },
]

/** As django.core.signing.dumps writes it; the signature is any. */
function signed(data: object): string {
  const json = Buffer.from(JSON.stringify(data), 'latin1')
  const packed = deflateSync(json)
  const payload = packed.length < json.length - 1 ? `.${packed.toString('base64url')}` : json.toString('base64url')
  return `${payload}:1vPbQp:${randomBytes(32).toString('base64url')}`
}

/** The source as docs/session-tables.md has it for a framework. */
export function documentedSource({ name }: Framework, connection: PanelDatabase['connection']): PanelSource {
  const page = readFileSync('docs/session-tables.md', 'utf8')
  const blockAfter = (start: string) => /```js\n([^]*?)```/.exec(page.slice(page.indexOf(start)))![1]!
  const code = [blockAfter('## Laravel, Django, Rails'), blockAfter(`### ${name}`)]
    .join('\n')
    .replace(/^import .*$/gm, '')
  // That it runs as it stands is what is tested.
  const make = new Function('sessionTable', 'connection', 'inflateSync', `${code}\nreturn source`)
  return make(sessionTable, connection, inflateSync) as PanelSource
}

/** Writes sessions as a framework does. */
export async function openFramework(framework: Framework, engine: Engine, database: PanelDatabase) {
  const { table, users } = framework
  for (const sql of framework.tables(engine)) await database.run(sql)
  const ids = new Map<string, number>()
  const idOf = async (login: string) => {
    if (!ids.has(login)) {
      const others = framework.name === 'Laravel' ? ', name' : ''
      const id = ids.size + 1
      await database.run(
        `INSERT INTO ${users.table} (id, ${users.login}${others}) VALUES (?, ?${others ? ", 'x'" : ''})`,
        [id, login],
      )
      ids.set(login, id)
    }
    return ids.get(login)!
  }
  const insert = async (row: Record<string, unknown>) => {
    const names = Object.keys(row)
    await database.run(
      `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      Object.values(row),
    )
    return row
  }
  const rowOf = async (row: Record<string, unknown>) =>
    (
      (await database.run(`SELECT * FROM ${table.name} WHERE ${table.id} = ?`, [row[table.id]])) as Record<
        string,
        unknown
      >[]
    )[0]
  return {
    idOf,
    insert,
    rowOf,
    /** The row of a new session; `null`: of nobody. */
    logOn: async (login: string | null, id = randomBytes(20).toString('hex')) =>
      insert(framework.row(id, login === null ? null : await idOf(login))),
    /** A request, of this login from then on. */
    async use(row: Record<string, unknown>, login: string): Promise<void> {
      const changes = framework.used(await idOf(login))
      await database.run(
        `UPDATE ${table.name} SET ${Object.keys(changes)
          .map((name) => `${name} = ?`)
          .join(', ')} WHERE ${table.id} = ?`,
        [...Object.values(changes), row[table.id]],
      )
    },
    logOut: async (row: Record<string, unknown>) =>
      void (await database.run(`DELETE FROM ${table.name} WHERE ${table.id} = ?`, [row[table.id]])),
  }
}
