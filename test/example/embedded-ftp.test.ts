import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { Client } from 'basic-ftp'
import type { FtpSource, ListedFtpSession } from '../../src/session-source.js'
import { until } from '../until.js'

// The example's own source, for machines without ProFTPD: a worked example of the contract must keep it.
interface EmbeddedFtp {
  port: number
  source: FtpSource
  stop(): Promise<void>
}

const clients: Client[] = []
let data: string
let ftp: EmbeddedFtp
let passwordOf: (login: string) => string

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'adminjs-sessions-embedded-'))
  process.env.EXAMPLE_DATA = data
  ;({ passwordOf } = (await import('../../examples/back-office/installation.mjs')) as {
    passwordOf(login: string): string
  })
  const { startEmbedded } = (await import('../../examples/back-office/ftp-embedded.mjs')) as {
    startEmbedded(): Promise<EmbeddedFtp>
  }
  ftp = await startEmbedded()
})

afterEach(() => clients.splice(0).forEach((client) => client.close()))

afterAll(async () => {
  await ftp.stop()
  await rm(data, { recursive: true, force: true })
})

async function connect(login: string): Promise<Client> {
  const client = new Client(0)
  clients.push(client)
  await client.access({ host: '127.0.0.1', port: ftp.port, user: login, password: passwordOf(login) })
  return client
}

const list = () => ftp.source.list(AbortSignal.timeout(5000))

async function listed(condition: (session: ListedFtpSession) => boolean): Promise<ListedFtpSession> {
  return until('the session is listed', async () => (await list()).find(condition))
}

test('an idle session shows who it is and where', async () => {
  const client = await connect('shop')
  await client.cd('/htdocs')
  expect(await listed(({ location }) => location === '/htdocs')).toMatchObject({
    login: 'shop',
    type: 'domain-user',
    domain: 'shop.example.com',
    status: 'idle',
    command: null,
    fileName: null,
    transferredBytes: null,
    totalBytes: null,
    ip: '127.0.0.1',
  })
})

test('a download shows its progress', async () => {
  const client = await connect('anonymous')
  const ending = client
    .downloadTo(new Writable({ write: (_chunk, _encoding, done) => done() }), 'manual.pdf')
    .catch(() => 'cut')
  const moving = await listed(({ transferredBytes }) => (transferredBytes ?? 0) > 0)
  expect(moving).toMatchObject({
    status: 'downloading',
    fileName: 'manual.pdf',
    totalBytes: 16 * 2 ** 20,
    type: 'anonymous',
  })
  client.close()
  expect(await ending).toBe('cut')
})

test('an upload shows its bytes and no size; ended, its client is cut and the list knows it no more', async () => {
  const client = await connect('camera')
  const endless = new Readable({ read() {} })
  const ending = client.uploadFrom(endless, 'film.mp4').catch(() => 'cut')
  endless.push(Buffer.alloc(5000))
  const moving = await listed(({ transferredBytes }) => transferredBytes === 5000)
  expect(moving).toMatchObject({ status: 'uploading', fileName: 'film.mp4', totalBytes: null })

  expect(await ftp.source.end(moving, AbortSignal.timeout(5000))).toBe('asked')
  expect(await ending).toBe('cut')
  await until('the list is empty', async () => (await list()).length === 0)
  expect(await ftp.source.end(moving, AbortSignal.timeout(5000))).toBe('already-gone')
})

test('a wrong password is no login', async () => {
  const client = new Client(0)
  clients.push(client)
  await expect(client.access({ host: '127.0.0.1', port: ftp.port, user: 'shop', password: 'wrong' })).rejects.toThrow(
    /530/,
  )
  expect((await list()).filter(({ login }) => login === 'shop')).toEqual([])
})
