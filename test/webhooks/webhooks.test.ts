import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { post } from '../../src/webhooks/post.js'
import { backOffice } from '../actions/back-office.js'
import { until } from '../until.js'
import { receiver, secret } from './receiver.js'

let hook: Awaited<ReturnType<typeof receiver>>
beforeEach(async () => {
  hook = await receiver()
})
afterEach(() => hook.stop())

describe('webhooks', () => {
  let directory: string
  let database: Database
  let office: Awaited<ReturnType<typeof backOffice>> | undefined
  let said: jest.SpiedFunction<typeof console.error>
  let failing = false
  beforeEach(async () => {
    said = jest.spyOn(console, 'error').mockImplementation(() => {})
    failing = false
    directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-webhooks-'))
    database = await openDatabase({ type: 'sqlite', database: join(directory, 'sessions.sqlite') })
  })
  afterEach(async () => {
    await office?.stop()
    office = undefined
    await database.close()
    rmSync(directory, { recursive: true })
    said.mockRestore()
  })

  const start = async (over: object = {}) => {
    office = await backOffice(
      {
        pollEvery: 300,
        database: { type: 'sqlite', database: join(directory, 'sessions.sqlite') },
        webhooks: [{ url: hook.url, secret, allowPrivate: true, ...over }],
      },
      {
        list: async () => {
          if (failing) throw new Error('away')
          return [...office!.ftp.sessions.values()].map((one) => ({ ...one }))
        },
      },
    )
    return office
  }
  const of = (type: string) => hook.told.filter(({ body }) => body.type === type)
  const toldOf = (type: string) => until(`word of ${type}`, () => of(type)[0])
  const kept = () => database.deliveries.find({ order: { id: 'ASC' } })

  test('are told, signed, of a logon, a removal, a failing source; once each, and nothing is left', async () => {
    const { ftp, sessions } = await start()
    ftp.add('alice')
    const { headers, body } = await toldOf('session-opened')
    expect(body).toMatchObject({
      data: { kind: 'ftp', session: { login: 'alice', ip: '192.0.2.1', host: 'test-host' } },
    })
    expect(Date.now() - new Date(body.timestamp).getTime()).toBeLessThan(600_000)
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': expect.stringMatching(/^msg_/) })
    await sessions.remove({ login: 'alice', by: 'test', reason: 'why' })
    expect((await toldOf('removed')).body.data).toMatchObject({ login: 'alice', outcome: 'ended', reason: 'why' })
    failing = true
    expect((await toldOf('source-failing')).body.data).toMatchObject({ name: 'fake-ftp', error: 'away' })
    await until('an empty table', async () => (await kept()).length === 0)
    expect(of('session-opened')).toHaveLength(1)
    // Not asked for.
    expect(of('session-ended')).toEqual([])
    expect(new Set(hook.told.map(({ headers }) => headers['webhook-id'])).size).toBe(hook.told.length)
  })

  test('only of what they want', async () => {
    const { ftp, sessions } = await start({ events: ['removed'] })
    ftp.add('alice')
    await sessions.remove({ login: 'alice', by: 'test' })
    await toldOf('removed')
    expect(new Set(hook.told.map(({ body }) => body.type))).toEqual(new Set(['removed']))
  })

  test('are told again, as the same message, after they have failed; and are given up on record', async () => {
    hook.answers(500)
    const { ftp } = await start({ events: ['session-opened'] })
    ftp.add('alice')
    const first = await toldOf('session-opened')
    const failed = await until('its failure', async () => (await kept()).find(({ error }) => error !== null))
    expect(failed).toMatchObject({ attempts: 1, error: 'It answered 500; expected 2xx.', event: 'session-opened' })
    expect(failed.dueAt!.getTime()).toBeGreaterThan(failed.createdAt.getTime())

    // As at its last attempt. Whatever opens has the table looked at.
    await database.deliveries.update({ id: failed.id }, { dueAt: new Date(0), attempts: 8 })
    ftp.add('bob')
    const givenUp = await until('its end', async () =>
      (await kept()).find(({ id, dueAt }) => id === failed.id && !dueAt),
    )
    expect(givenUp).toMatchObject({ attempts: 9, error: 'It answered 500; expected 2xx.' })
    const again = hook.told.filter(({ headers }) => headers['webhook-id'] === first.headers['webhook-id'])
    expect(again).toHaveLength(2)
    expect(again[1]!.body).toEqual(again[0]!.body)
    const complaint = said.mock.calls.flat().find((message) => String(message).includes('given up'))
    expect(complaint).toMatch(/the webhook 127\.0\.0\.1:\d+ was not told of session-opened/)
    // Its path may be a secret.
    expect(complaint).not.toMatch(/secret/)
  })

  test('what the last process could not tell, the next one does', async () => {
    hook.answers(500)
    const { ftp } = await start({ events: ['session-opened'] })
    ftp.add('alice')
    await until('its failure', async () => (await kept()).find(({ error }) => error !== null))
    await office!.stop()
    hook.answers(204)
    await database.deliveries.update({ event: 'session-opened' }, { dueAt: new Date(0) })
    await start({ events: ['session-opened'] })
    await until('an empty table', async () => (await kept()).length === 0)
  })

  test('one that never answers holds up nobody', async () => {
    hook.answers(null)
    const { ftp, sessions } = await start({ events: ['session-opened'] })
    ftp.add('alice')
    await toldOf('session-opened')
    expect(await sessions.remove({ login: 'alice', by: 'test' })).toMatchObject({ counts: { ended: 1 } })
    await office!.stop()
    expect(await kept()).toMatchObject([{ event: 'session-opened', attempts: 1, error: null }])
  })
})

describe('post', () => {
  const { signal } = new AbortController()
  const to = (url: string, allowPrivate = false) =>
    post({ url, secret, allowPrivate, events: [] }, 'msg_1', '{}', signal)

  test.each([
    ['an address of this machine', () => `https://127.0.0.1:${hook.port}/`, '127.0.0.1, which is no public address'],
    ['one in another notation', () => `https://2130706433:${hook.port}/`, '127.0.0.1, which is no public address'],
    ['one of IPv6 that stands for it', () => `https://[::ffff:127.0.0.1]:${hook.port}/`, 'no public address'],
    ['a name that leads there', () => `https://localhost:${hook.port}/`, 'no public address'],
    ['a cloud’s metadata service', () => 'https://169.254.169.254/latest', 'no public address'],
    ['plain http', () => `http://example.com/`, 'plain http'],
  ])('%s is not even connected to', async (_, url, message) => {
    await expect(to(url())).rejects.toThrow(message)
    expect(hook.connections()).toBe(0)
  })

  test('a redirect is a failure, and is not followed', async () => {
    hook.answers(302)
    await expect(to(hook.url, true)).rejects.toThrow('It answered 302; expected 2xx.')
    expect(hook.told).toHaveLength(1)
  })
})
