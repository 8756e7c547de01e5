import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pgSimple from 'connect-pg-simple'
import { RedisStore } from 'connect-redis'
import { ConnectSessionKnexStore } from 'connect-session-knex'
import sqliteStore from 'connect-sqlite3'
import { TypeormStore } from 'connect-typeorm'
import session, { type Store } from 'express-session'
import knex from 'knex'
import memorystore from 'memorystore'
import pg from 'pg'
import { createClient } from 'redis'
import fileStore from 'session-file-store'
import sqlite from 'sqlite3'
import { DataSource, EntitySchema } from 'typeorm'
import { postgresMissing, startPostgres } from '../../../servers/postgres.js'
import { redisMissing, startRedis } from '../../../servers/redis.js'

/** Real sessions somewhere, and store objects on them: a second one is what another process or a restart would make. */
export interface StoredSomewhere {
  open(): Promise<Store>
  /** The ids of all that is there, read without any store. */
  ids(): Promise<string[]>
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
        async close() {
          await client.close()
          await redis.stop()
        },
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
        close: async () => rmSync(path, { recursive: true, force: true }),
      }
    },
  },
]
