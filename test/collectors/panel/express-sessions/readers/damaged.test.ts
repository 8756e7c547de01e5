import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import MongoStore, { createWebCryptoAdapter } from 'connect-mongo'
import sqliteStore from 'connect-sqlite3'
import { TypeormStore } from 'connect-typeorm'
import session from 'express-session'
import fileStore from 'session-file-store'
import sqlite from 'sqlite3'
import { DataSource, EntitySchema } from 'typeorm'
import { expressSessions } from '../../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { keyOf } from '../../../../../src/collectors/panel/express-sessions/session-id.js'
import { mongoStandIn } from '../../../../servers/mongo-stand-in.js'
import { list } from '../fake-site.js'

const never = new AbortController().signal
const soon = Date.now() + 3_600_000
const clean: (() => unknown)[] = []

afterEach(async () => {
  for (const each of clean.splice(0)) await each()
})

describe('session-file-store', () => {
  const FileStore = fileStore(session)

  function directory() {
    const path = mkdtempSync(join(tmpdir(), 'session-files-'))
    clean.push(() => rmSync(path, { recursive: true, force: true }))
    return path
  }

  const sessionOf = (email: string) => JSON.stringify({ cookie: {}, adminUser: { email }, __lastAccess: Date.now() })

  test.each<[string, (file: string) => void, string]>([
    ['is empty', (file) => writeFileSync(file, ''), '0 characters that are not JSON'],
    ['is half written', (file) => writeFileSync(file, sessionOf('b').slice(0, 20)), '20 characters that are not JSON'],
    ['holds something else', (file) => writeFileSync(file, 'null'), '4 characters that hold nothing'],
    ["can't be read", (file) => mkdirSync(file), "what can't be read (EISDIR)"],
  ])('a file that %s hides no other session, is told of without its name, and stays', async (_how, make, what) => {
    const path = directory()
    writeFileSync(join(path, 'whole.json'), sessionOf('a'))
    make(join(path, 'secret-sid.json'))
    utimesSync(join(path, 'secret-sid.json'), 1_700_000_000, 1_700_000_000)
    const source = expressSessions({ store: new FileStore({ path, reapInterval: -1 }) })
    const [found, ...more] = await list(source)
    expect({ found, more }).toMatchObject({ found: { login: 'a' }, more: [] })
    expect(source.warnings!()).toEqual([
      "1 session can't be decoded and is left out: by the first digits of the SHA-256 of its id: " +
        `${keyOf('secret-sid').slice(0, 8)} (${what}, in a file in ${path} that was written at ` +
        '2023-11-14T22:13:20.000Z). Remove it from the store; until then nobody is logged in by it.',
    ])
    expect(await source.end(found!, never)).toBe('asked')
    expect(readdirSync(path)).toEqual(['secret-sid.json'])
    // Now there is no other: that would look like an empty store.
    await expect(list(source)).rejects.toThrow(`None of the sessions in the store (1) can be decoded, by the first`)
  })

  test('a directory of which not even a session can be read for now fails the list', async () => {
    const path = directory()
    symlinkSync('a'.repeat(300), join(path, 'odd.json'))
    writeFileSync(join(path, 'whole.json'), sessionOf('a'))
    const source = expressSessions({ store: new FileStore({ path, reapInterval: -1 }) })
    await expect(list(source)).rejects.toThrow(`A session file in ${path} could not be read: ENAMETOOLONG.`)
  })

  test('a session without the time of its last access is listed, as the store takes it', async () => {
    const path = directory()
    writeFileSync(join(path, 'sid.json'), JSON.stringify({ cookie: {}, adminUser: { email: 'a' } }))
    const source = expressSessions({ store: new FileStore({ path, reapInterval: -1 }) })
    expect(await list(source)).toMatchObject([{ login: 'a', expiresAt: null }])
  })

  test('a file that is being written is not read', async () => {
    const path = directory()
    writeFileSync(join(path, 'sid.json.123456'), '{"cook')
    expect(await list(expressSessions({ store: new FileStore({ path, reapInterval: -1 }) }))).toEqual([])
  })

  test('a directory that has gone fails the list', async () => {
    const path = directory()
    const source = expressSessions({ store: new FileStore({ path, reapInterval: -1 }) })
    rmSync(path, { recursive: true })
    await expect(list(source)).rejects.toThrow('ENOENT')
  })

  test('encrypted sessions are refused at once', () => {
    const store = new FileStore({ path: directory(), secret: 'x', reapInterval: -1 })
    expect(() => expressSessions({ store })).toThrow('FileStore keeps its sessions encrypted')
  })
})

describe('connect-typeorm', () => {
  async function database() {
    const entity = new EntitySchema<{ id: string; json: string; expiredAt: number; destroyedAt?: Date }>({
      name: 'session',
      columns: {
        id: { type: 'varchar', primary: true },
        json: { type: 'text' },
        expiredAt: { type: 'bigint' },
        destroyedAt: { type: 'datetime', nullable: true, deleteDate: true },
      },
    })
    const source = new DataSource({ type: 'sqlite', database: ':memory:', entities: [entity], synchronize: true })
    await source.initialize()
    clean.push(() => source.destroy())
    return source
  }

  test('a damaged session hides no other; express-session is not told that the store is gone', async () => {
    const data = await database()
    await data.query(`INSERT INTO session VALUES ('bad', '{"cookie":', ${soon}, NULL)`)
    await data.query(`INSERT INTO session VALUES ('sid', '{"cookie":{},"adminUser":{"email":"a"}}', ${soon}, NULL)`)
    const store = new TypeormStore().connect(data.getRepository('session'))
    const gone = jest.fn()
    store.on('disconnect', gone)
    const source = expressSessions({ store })
    expect(await list(source)).toMatchObject([{ login: 'a' }])
    expect(source.warnings!()).toEqual([expect.stringContaining('(10 characters that are not JSON)')])
    expect(gone).not.toHaveBeenCalled()
  })

  test('a destroy that fails is an error, and ends nothing else', async () => {
    const data = await database()
    await data.query(`INSERT INTO session VALUES ('sid', '{"cookie":{},"adminUser":{"email":"a"}}', ${soon}, NULL)`)
    await data.query(`CREATE TRIGGER no BEFORE UPDATE ON session BEGIN SELECT RAISE(ABORT, 'not sid, not today'); END`)
    const store = new TypeormStore().connect(data.getRepository('session'))
    const source = expressSessions({ store })
    const [found] = await list(source)
    await expect(source.end(found!, never)).rejects.toThrow('not (session id), not today')
  })

  test('a store that was not connected says what to do', async () => {
    await expect(list(expressSessions({ store: new TypeormStore() }))).rejects.toThrow('Call its connect()')
  })
})

describe('connect-mongo', () => {
  const crypto = { cryptoAdapter: createWebCryptoAdapter({ secret: 'x', iterations: 1 }) }

  test('one document that another key has encrypted hides no other', async () => {
    const { client } = mongoStandIn()
    const open = (more: object) => MongoStore.create({ client: client as never, ...more })
    const put = (store: session.Store, sid: string) =>
      new Promise((resolve) => store.set(sid, { cookie: {}, adminUser: { email: sid } } as never, resolve))
    await put(open(crypto), 'whole')
    await put(open({ cryptoAdapter: createWebCryptoAdapter({ secret: 'y', iterations: 1 }) }), 'theirs')
    const source = expressSessions({ store: open(crypto) })
    expect(await list(source)).toMatchObject([{ login: 'whole' }])
    expect(source.warnings!()).toEqual([expect.stringContaining("(a document that can't be decrypted or decoded)")])
  })

  test('with other ids than those of its sessions is refused at once', () => {
    const store = MongoStore.create({ client: mongoStandIn().client as never, transformId: (sid) => `x${sid}` })
    expect(() => expressSessions({ store })).toThrow('Leave out its option transformId.')
  })
})

describe('connect-sqlite3', () => {
  const SQLiteStore = sqliteStore(session)

  test('a database that is closed fails the list and the end; nothing is thrown beside', async () => {
    const db = new sqlite.Database(':memory:')
    const source = expressSessions({ store: new SQLiteStore({ db }) as session.Store })
    await promisify(db.exec.bind(db) as (sql: string, done: (error: unknown) => void) => void)('SELECT 1')
    await promisify(db.close.bind(db))()
    await expect(list(source)).rejects.toThrow('SQLITE_MISUSE')
    await expect(source.end({ key: keyOf('sid'), handle: { sids: ['sid'] } }, never)).rejects.toThrow('SQLITE_MISUSE')
  })

  test('another store whose class has its name is read as what it is', async () => {
    class SQLiteStore extends session.MemoryStore {}
    expect(await list(expressSessions({ store: new SQLiteStore() }))).toEqual([])
  })
})
