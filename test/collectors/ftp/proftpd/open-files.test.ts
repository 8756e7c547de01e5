import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import sqlite from 'sqlite3'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import type { Descriptors } from '../../../servers/greeted.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../../../servers/proftpd.js'
import { until } from '../../../until.js'
import { thorough } from '../../../thorough.js'
import { transfersAreTrue, waysToStart } from '../beside-the-transfer.js'
import { Drive } from '../drive.js'

const sqlMissing = existsSync('/usr/lib/proftpd/mod_sql_sqlite.so')
  ? null
  : 'no mod_sql_sqlite (apt-get install proftpd-mod-sqlite)'

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD with other files open${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  let drive: Drive
  const source = () => proftpd({ scoreboard: server.scoreboard })
  const starts = (settings: string[], before: (dir: string) => Descriptors | Promise<Descriptors>) => {
    beforeAll(async () => {
      server = await startProftpd(settings, { descriptors: before })
      drive = new Drive(server.port, source())
    })
    afterEach(() => drive.allGone())
    afterAll(() => server?.stop())
  }
  const stage = () => ({ port: server.port, home: server.users.dave.home, login: 'dave', source })

  // Of the ways the one with the most open.
  describe.each(thorough ? waysToStart : waysToStart.slice(2, 3))('$title', ({ descriptors }) => {
    starts([], (dir) => descriptors(dir, 'dave'))
    transfersAreTrue(stage)

    test.each(['dave', 'bob'] as const)('over SFTP, where positions stay at 0, by %s', async (login) => {
      const { home } = server.users[login]
      const path = login === 'bob' ? `${home}/` : '/'
      const url = `sftp://127.0.0.1:${server.sftpPort}/${path}`
      const curl = ['--silent', '--insecure', '--limit-rate', '200k', '-u', `${login}:secret`]
      const down = spawn('curl', [...curl, `${url}big.bin`, '-o', '/dev/null'], { stdio: 'ignore' })
      const taken = await drive.only(({ status, totalBytes }) => status === 'downloading' && totalBytes !== null)
      expect(taken).toMatchObject({ fileName: `${path}big.bin`, totalBytes: BIG })
      await drive.only(({ transferredBytes }) => transferredBytes! > taken.transferredBytes!)
      down.kill('SIGKILL')
      await drive.allGone()
      const up = spawn('curl', [...curl, '-T', `${home}/big.bin`, `${url}sent.bin`], { stdio: 'ignore' })
      const sent = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
      expect(sent).toMatchObject({ status: 'uploading', fileName: `${path}sent.bin`, totalBytes: null })
      up.kill('SIGKILL')
    })

    test('by a login that is not locked into its home', async () => {
      const client = await drive.raw('bob')
      const data = await client.begin('RETR big.bin')
      const session = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
      expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
      data.destroy()
      await client.reply()
      const sent = await client.begin('STOR new.bin')
      sent.write(Buffer.alloc(333))
      await drive.only(({ transferredBytes, fileName }) => transferredBytes === 333 && fileName === 'new.bin')
    })
  })

  describe('its logs and its tables of quotas in the home', () => {
    starts(
      [
        ...['LoadModule mod_quotatab.c', 'LoadModule mod_quotatab_file.c', 'QuotaEngine on'],
        ...['QuotaLog {dir}/dave/quota.log', 'QuotaLimitTable file:{dir}/dave/limit.tab'],
        ...['QuotaTallyTable file:{dir}/dave/tally.tab', 'LogFormat all "%t %m %f"'],
        ...['<Global>', 'ExtendedLog {dir}/dave/deep/big.bin ALL all', '</Global>'],
      ],
      (dir) => {
        for (const type of ['limit', 'tally']) {
          const table = join(dir, 'dave', `${type}.tab`)
          const quota = ['--name=dave', '--quota-type=user', `--type=${type}`, `--table-path=${table}`]
          execFileSync('ftpquota', ['--create-table', ...quota.slice(2)])
          execFileSync('ftpquota', [
            '--add-record',
            ...quota,
            ...(type === 'limit' ? ['--bytes-upload=9', '--units=Gb'] : []),
          ])
          chmodSync(table, 0o644)
        }
        return waysToStart[0]!.descriptors(dir, 'dave')
      },
    )
    transfersAreTrue(stage)

    test.each(['limit.tab', 'tally.tab', 'deep/big.bin'])(
      'a download of %s, which it has open itself',
      async (name) => {
        for (const looks of [0, 3]) {
          const client = await drive.raw('dave')
          for (let look = 0; look < looks; look++) await drive.list()
          chmodSync(join(server.users.dave.home, name), 0o644)
          const port = await client.passive()
          client.send(`RETR ${name}`)
          const session = await drive.only(({ totalBytes }) => totalBytes !== null)
          expect(session).toMatchObject({ status: 'downloading', fileName: name })
          expect(session.totalBytes).toBe(statSync(join(server.users.dave.home, name)).size)
          expect([0, null]).toContain(session.transferredBytes)
          connect(port, '127.0.0.1').resume()
          await until('its end', async () => /^226/.test(await client.reply()))
          await drive.allGone()
        }
      },
    )

    test.each([0, 3])('a name that only the server can make out, after %s looks before', async (looks) => {
      const client = await drive.raw('dave')
      for (let look = 0; look < looks; look++) await drive.list()
      await client.begin('RETR ~/big.bin')
      const session = await drive.only(({ status }) => status === 'downloading')
      expect(session).toMatchObject({ fileName: '~/big.bin', totalBytes: looks > 0 ? BIG : null })
    })

    test('a download that has, in the home, the path that the users have outside of it', async () => {
      const { dir, users } = server
      mkdirSync(join(users.dave.home, dir), { recursive: true })
      writeFileSync(join(users.dave.home, dir, 'passwd'), Buffer.alloc(54_321))
      const client = await drive.raw('dave')
      const port = await client.passive()
      client.send(`RETR ${dir}/passwd`)
      // It is downloading a moment before it has the file open.
      const session = await drive.only(({ totalBytes }) => totalBytes !== null)
      expect(session).toMatchObject({ fileName: `${dir}/passwd`, totalBytes: 54_321 })
      connect(port, '127.0.0.1').resume()
      await until('its end', async () => /^226/.test(await client.reply()))
    })
  })

  describe('uploads that are hidden until they are complete', () => {
    starts(['HiddenStores on'], (dir) => waysToStart[2]!.descriptors(dir, 'dave'))

    test.each([0, 3])('have the name that the client gave, after %s looks before', async (looks) => {
      const client = await drive.raw('dave')
      for (let look = 0; look < looks; look++) await drive.list()
      const data = await client.begin('STOR hidden.bin')
      data.write(Buffer.alloc(4444))
      const session = await drive.only(({ transferredBytes }) => transferredBytes === 4444)
      expect(session).toMatchObject({ status: 'uploading', fileName: 'hidden.bin' })
    })
  })

  const describeSql = sqlMissing ? describe.skip : describe
  describeSql(`its users in an SQL database in the home${sqlMissing ? ` (${sqlMissing})` : ''}`, () => {
    starts(
      [
        ...['LoadModule mod_sql.c', 'LoadModule mod_sql_sqlite.c', 'SQLBackend sqlite3', 'SQLEngine on'],
        ...['SQLConnectInfo {dir}/dave/users.db', 'SQLLogFile {dir}/dave/sql.log', 'SQLAuthenticate off'],
        ...['SQLNamedQuery note FREEFORM "insert into notes values (\'%m\')"', 'SQLLog USER note'],
      ],
      async (dir) => {
        const path = join(dir, 'dave/users.db')
        await new Promise<void>((resolve, reject) => {
          const database = new sqlite.Database(path)
          database.exec('create table notes (text text)', (error) => error && reject(error))
          database.close((error) => (error ? reject(error) : resolve()))
        })
        chmodSync(path, 0o666)
        return waysToStart[0]!.descriptors(dir, 'dave')
      },
    )
    transfersAreTrue(stage)
  })
})
