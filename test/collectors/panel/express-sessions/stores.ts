import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PrismaSessionStore } from '@quixo3/prisma-session-store'
import MongoStore, { createWebCryptoAdapter } from 'connect-mongo'
import pgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import { RedisStore as RedisStore8 } from 'connect-redis-8'
import { ConnectSessionKnexStore } from 'connect-session-knex'
import sequelizeSession from 'connect-session-sequelize'
import sqliteStore from 'connect-sqlite3'
import { TypeormStore } from 'connect-typeorm'
import mysqlSession from 'express-mysql-session'
import session, { type SessionData, type Store } from 'express-session'
import { Redis } from 'ioredis'
import knex from 'knex'
import memorystore from 'memorystore'
import { createPool } from 'mysql2/promise'
import pg from 'pg'
import { createClient } from 'redis'
import { Sequelize } from 'sequelize'
import fileStore from 'session-file-store'
import sqlite from 'sqlite3'
import { DataSource, EntitySchema } from 'typeorm'
import { mariadbMissing, startMariadb } from '../../../servers/mariadb.js'
import { mongoStandIn } from '../../../servers/mongo-stand-in.js'
import { prismaStandIn } from '../../../servers/prisma-stand-in.js'
import { postgresMissing, startPostgres } from '../../../servers/postgres.js'
import { redisMissing, startRedis } from '../../../servers/redis.js'

/** Real sessions somewhere, and store objects on them: a second one is what another process or a restart would make. */
export interface StoredSomewhere {
  open(): Promise<Store>
  /** The ids of all that is there, read without any store. */
  ids(): Promise<string[]>
  /** Adds these as the store would keep them, all at once: for one that takes many queries for each. */
  fill?(sessions: [string, SessionData][]): Promise<unknown>
  /** Puts what no store can decode in the place of a session. */
  damage?(sid: string): Promise<unknown>
  close(): Promise<void>
}

export interface StoreKind {
  name: string
  /** Why it can't be had on this machine. */
  missing: string | null
  start(): Promise<StoredSomewhere>
}

export const storeKinds: StoreKind[] = [
  {
    name: 'MemoryStore',
    missing: null,
    async start() {
      const sessions = Object.create(null) as object
      return {
        open: async () => Object.assign(new session.MemoryStore(), { sessions }),
        ids: async () => Object.keys(sessions),
        close: async () => {},
      }
    },
  },
  {
    name: 'memorystore',
    missing: null,
    async start() {
      const MemoryStore = memorystore(session)
      const { store } = new MemoryStore({}) as unknown as { store: { keys(): string[] } }
      return {
        open: async () => Object.assign(new MemoryStore({}), { store }),
        ids: async () => store.keys(),
        close: async () => {},
      }
    },
  },
  {
    name: 'connect-redis',
    missing: redisMissing,
    async start() {
      const redis = await startRedis()
      const client = createClient({ url: redis.url })
      await client.connect()
      return {
        open: async () => new RedisStore({ client }),
        ids: async () => (await client.keys('*')).map((key) => key.slice('sess:'.length)),
        damage: (sid) => client.set(`sess:${sid}`, '{"cook'),
        async close() {
          await client.close()
          await redis.stop()
        },
      }
    },
  },
  {
    name: 'connect-redis 8 on ioredis with a keyPrefix',
    missing: redisMissing,
    async start() {
      const redis = await startRedis()
      const client = new Redis(redis.port, '127.0.0.1', { keyPrefix: 'app:' })
      return {
        open: async () => new RedisStore8({ client }),
        ids: async () => (await client.keys('*')).map((key) => key.slice('app:sess:'.length)),
        damage: (sid) => client.set(`sess:${sid}`, '{"cook'),
        async close() {
          client.disconnect()
          await redis.stop()
        },
      }
    },
  },
  {
    name: 'express-mysql-session',
    missing: mariadbMissing,
    async start() {
      const mariadb = await startMariadb()
      const pool = createPool(mariadb.connection)
      const MySQLStore = mysqlSession(session as never)
      // Other names than the store's own.
      const schema = { tableName: 'logins', columnNames: { session_id: 'sid', expires: 'until', data: 'what' } }
      const stores: { clearExpirationInterval(): void }[] = []
      const open = async () => {
        const store = new MySQLStore({ schema }, pool as never) as unknown as Store & (typeof stores)[number]
        await (store as unknown as { onReady(): Promise<void> }).onReady()
        stores.push(store)
        return store
      }
      const rows = async (sql: string, values: unknown[] = []) =>
        (await pool.query(sql, values))[0] as { sid: string }[]
      return {
        open,
        ids: async () => (await rows('SELECT sid FROM logins')).map(({ sid }) => sid),
        damage: (sid) =>
          rows(`REPLACE INTO logins VALUES (?, ?, '{"cook')`, [sid, Math.ceil(Date.now() / 1000) + 3600]),
        async close() {
          for (const store of stores) store.clearExpirationInterval()
          await pool.end()
          await mariadb.stop()
        },
      }
    },
  },
  {
    name: 'connect-session-sequelize',
    missing: mariadbMissing,
    async start() {
      const mariadb = await startMariadb()
      const { host, port, user, database } = mariadb.connection
      const db = new Sequelize(database, user, '', { host, port, dialect: 'mysql', logging: false })
      const SequelizeStore = sequelizeSession(session.Store)
      type Made = Store & { sync(): Promise<unknown>; stopExpiringSessions(): void }
      const stores: Made[] = []
      const open = async () => {
        // It takes what has expired until it has swept it.
        const store = new SequelizeStore({ db, checkExpirationInterval: 100 }) as unknown as Made
        await store.sync()
        stores.push(store)
        return store
      }
      const rows = async (sql: string, replacements: unknown[] = []) =>
        (await db.query(sql, { replacements }))[0] as { sid: string }[]
      return {
        open,
        ids: async () => (await rows('SELECT sid FROM Sessions')).map(({ sid }) => sid),
        fill: (sessions) =>
          db
            .model('Session')
            .bulkCreate(
              sessions.map(([sid, data]) => ({ sid, expires: data.cookie.expires, data: JSON.stringify(data) })),
            ),
        damage: (sid) =>
          rows(`REPLACE INTO Sessions VALUES (?, NOW() + INTERVAL 1 HOUR, '{"cook', NOW(), NOW())`, [sid]),
        async close() {
          for (const store of stores) store.stopExpiringSessions()
          await db.close()
          await mariadb.stop()
        },
      }
    },
  },
  ...[false, true].map((encrypted): StoreKind => ({
    name: encrypted ? 'connect-mongo, encrypted' : 'connect-mongo',
    missing: null,
    async start() {
      const { client, ids, put } = mongoStandIn()
      const crypto = encrypted ? { cryptoAdapter: createWebCryptoAdapter({ secret: 'x', iterations: 1 }) } : {}
      return {
        open: async () => MongoStore.create({ client: client as never, ...crypto }),
        ids: async () => ids(),
        damage: async (sid) => put({ _id: sid, session: '{"cook', expires: new Date(Date.now() + 3_600_000) }),
        close: async () => {},
      }
    },
  })),
  {
    name: '@quixo3/prisma-session-store',
    missing: null,
    async start() {
      const { client, ids, put } = prismaStandIn()
      const stores: PrismaSessionStore[] = []
      return {
        async open() {
          const store = new PrismaSessionStore(client as never, { logger: false })
          stores.push(store)
          return store
        },
        ids: async () => ids(),
        damage: async (sid) => put({ id: sid, sid, data: '{"cook', expiresAt: new Date(Date.now() + 3_600_000) }),
        close: async () => stores.forEach((store) => store.stopInterval()),
      }
    },
  },
  {
    name: 'connect-pg-simple',
    missing: postgresMissing,
    async start() {
      const postgres = await startPostgres()
      // Its column has no time zone, so that of the connection must not matter.
      const pool = new pg.Pool({ connectionString: postgres.url, options: '-c timezone=Pacific/Auckland' })
      // One that has been let go may still hear that its database is deleted.
      pool.on('error', () => {})
      const PGStore = pgSimple(session)
      const open = async () => new PGStore({ pool, createTableIfMissing: true, pruneSessionInterval: false })
      // Two that make the table at once are in each other's way.
      await promisify((callback) => void open().then((store) => store.get('none', callback)))()
      return {
        open,
        ids: async () => (await pool.query<{ sid: string }>('SELECT sid FROM session')).rows.map(({ sid }) => sid),
        damage: (sid) => pool.query(`INSERT INTO session VALUES ($1, '7', now() + interval '1 hour')`, [sid]),
        async close() {
          await pool.end()
          await postgres.stop()
        },
      }
    },
  },
  {
    name: 'connect-typeorm',
    missing: null,
    async start() {
      const entity = new EntitySchema<{ id: string; json: string; expiredAt: number; destroyedAt?: Date }>({
        name: 'session',
        columns: {
          id: { type: 'varchar', primary: true },
          json: { type: 'text' },
          expiredAt: { type: 'bigint' },
          destroyedAt: { type: 'datetime', nullable: true, deleteDate: true },
        },
      })
      const database = new DataSource({ type: 'sqlite', database: ':memory:', entities: [entity], synchronize: true })
      const repository = (await database.initialize()).getRepository(entity)
      return {
        open: async () => new TypeormStore().connect(repository as never),
        // What its destroy has marked can't be had through the store any more.
        ids: async () => (await repository.find()).map(({ id }) => id),
        fill: (sessions) =>
          database.query(
            `INSERT INTO session (id, json, expiredAt) SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`,
            [JSON.stringify(sessions.map(([id, data]) => [id, JSON.stringify(data), Number(data.cookie.expires)]))],
          ),
        damage: (id) => repository.insert({ id, json: '{"cook', expiredAt: Date.now() + 3_600_000 }),
        close: () => database.destroy(),
      }
    },
  },
  {
    name: 'connect-session-knex',
    missing: null,
    async start() {
      const database = knex({
        client: 'sqlite3',
        connection: ':memory:',
        useNullAsDefault: true,
        pool: { min: 1, max: 1 },
      })
      const open = async () => new ConnectSessionKnexStore({ knex: database, cleanupInterval: 0 })
      await (
        await open()
      ).ready
      return {
        open,
        ids: async () => (await database('sessions').select('sid')).map(({ sid }: { sid: string }) => sid),
        fill: (sessions) =>
          database.batchInsert(
            'sessions',
            sessions.map(([sid, data]) => ({
              sid,
              sess: JSON.stringify(data),
              expired: new Date(data.cookie.expires!).toISOString(),
            })),
            100,
          ),
        damage: async (sid) => database('sessions').insert({ sid, sess: '{"cook', expired: '2099-01-01 00:00:00' }),
        close: () => database.destroy(),
      }
    },
  },
  {
    name: 'connect-sqlite3',
    missing: null,
    async start() {
      const db = new sqlite.Database(':memory:')
      const SQLiteStore = sqliteStore(session)
      const rows = promisify(db.all.bind(db)) as (sql: string) => Promise<{ sid: string }[]>
      return {
        open: async () => new SQLiteStore({ db }) as Store,
        ids: async () => (await rows('SELECT sid FROM sessions')).map(({ sid }) => sid),
        damage: (sid) => rows(`INSERT INTO sessions VALUES ('${sid}', ${Date.now() + 3_600_000}, '{"cook')`),
        close: () => promisify(db.close.bind(db))(),
      }
    },
  },
  {
    name: 'session-file-store',
    missing: null,
    async start() {
      const path = mkdtempSync(join(tmpdir(), 'session-files-'))
      const FileStore = fileStore(session)
      return {
        open: async () => new FileStore({ path, retries: 1, minTimeout: 5, reapInterval: -1, logFn: () => {} }),
        ids: async () => readdirSync(path).map((name) => name.replace(/\.json$/, '')),
        async fill(sessions) {
          for (const [sid, data] of sessions) {
            writeFileSync(join(path, `${sid}.json`), JSON.stringify({ ...data, __lastAccess: Date.now() }))
          }
        },
        damage: async (sid) => writeFileSync(join(path, `${sid}.json`), '{"cook'),
        close: async () => rmSync(path, { recursive: true, force: true }),
      }
    },
  },
]
