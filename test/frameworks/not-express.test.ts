import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import type { RecordJSON } from 'adminjs'
import supertest from 'supertest'
import { until } from '../until.js'
import { ask } from '../../src/components/shared/http.js'

const names = ['fastify', 'koa', 'hapi'] as const
type Name = (typeof names)[number]

interface List {
  records: RecordJSON[]
  sessions: { ownMissing: string | null }
}

const why =
  'AdminJS runs on another framework than Express here, so it is not known where the request came from, and nothing was ' +
  'done. Use @adminjs/express, or do it in code or on the command line.'

let child: ChildProcess
let exited: Promise<unknown[]>
let origins: Record<Name, string>

/** What the child says next; it may have ended instead. */
const said = async () => {
  const [message] = await Promise.race([once(child, 'message'), exited.then(() => ['nothing: it has ended'])])
  return message as unknown
}

beforeAll(async () => {
  await import('../fresh-dist.mjs')
  child = fork(fileURLToPath(new URL('not-express.child.mjs', import.meta.url)), {
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    execArgv: ['--import', new URL('../in-one-file.hook.mjs', import.meta.url).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  exited = once(child, 'exit')
  origins = (await said()) as typeof origins
})

afterAll(async () => {
  child.kill('SIGKILL')
  await exited
})

describe.each(names)('on %s', (name) => {
  let cookie: string
  let panel: List
  let ftp: List
  const api = (path: string) => `${origins[name]}/admin/api/resources/${path}`

  /** Sent by the pages' own code, with what a browser adds by itself. */
  const byPage = async (path: string, body: unknown): Promise<unknown> => {
    const asNode = globalThis.fetch
    const asBrowser = jest.spyOn(globalThis, 'fetch').mockImplementation((url, init) => {
      const headers = { ...(init?.headers as Record<string, string>), cookie, origin: origins[name] }
      return asNode(url, { ...init, headers })
    })
    try {
      return await ask(api(path), { body })
    } finally {
      asBrowser.mockRestore()
    }
  }
  const list = async (resource: string) => {
    const answer = await supertest(api(`${resource}/actions/list`))
      .get('')
      .set('Cookie', cookie)
      .expect(200)
    return answer.body as List
  }
  const state = async (question = {}) => {
    child.send({ name, ...question })
    return (await said()) as typeof untouched
  }
  const untouched = { ended: [] as string[], keptOut: ['intruder'], stored: 1 }
  const removing = () => [
    `PanelSession/bulk/remove?recordIds=${panel.records[0]!.id}`,
    `FtpSession/bulk/remove?recordIds=${ftp.records[0]!.id}`,
  ]

  beforeAll(async () => {
    const logon = supertest(origins[name]).post('/admin/login').type('form')
    const answer = await logon.send({ email: 'admin@example.com', password: 'x' }).expect(302)
    cookie = (answer.get('Set-Cookie') ?? []).map((one) => one.split(';')[0]).join('; ')
    panel = await list('PanelSession')
    ftp = await list('FtpSession')
  })

  test('what the sources have is listed, and whoever looks is told why he is not in it', () => {
    expect(panel.records.map(({ params }) => params.login as unknown)).toEqual(['other@example.com'])
    expect(ftp.records.map(({ params }) => params.login as unknown)).toEqual(['web1'])
    expect(panel.sessions.ownMissing).toMatch(
      /^You are logged in without a session of express-session, .* with @adminjs\/express only/,
    )
  })

  test('Remove is refused with the reason, and ends nothing', async () => {
    for (const path of removing()) {
      const refused = supertest(api(path))
        .post('')
        .set('Cookie', cookie)
        .field('reason', 'a form, which all of them take')
      const { body } = await refused.expect(200)
      expect(body).toMatchObject({ removals: [{ outcome: 'refused', message: why }], notice: { type: 'error' } })
    }
    const { records } = await list('SessionRemoval')
    const outcomes = records.map(({ params: { login, outcome } }) => `${login as string}: ${outcome as string}`)
    expect(outcomes.sort()).toEqual([
      ...['intruder: kept-out', 'intruder: kept-out', 'other@example.com: refused', 'web1: refused'],
    ])
    expect(await state()).toEqual(untouched)
  })

  test('the pages say so as well, of whatever they can be asked for', async () => {
    const asked = [
      ...removing().map((path) => [path, {}] as const),
      ['FtpSession/actions/removeAll', {}] as const,
      ['SessionHold/actions/keepOut', { by: 'login', value: 'web1', minutes: 60 }] as const,
      [`SessionRemoval/records/${(await list('SessionRemoval')).records.at(-1)!.id}/release`, {}] as const,
    ]
    for (const [path, body] of asked) {
      // Hapi's plugin refuses JSON before any action is asked.
      if (name === 'hapi') await expect(byPage(path, body)).rejects.toThrow('said.notExpress')
      else expect(JSON.stringify(await byPage(path, body))).toContain(why)
    }
    expect(await state()).toEqual(untouched)
  })

  test('Release lets nobody in', async () => {
    const [hold] = (await list('SessionHold')).records
    const path = api(`SessionHold/records/${hold!.id}/delete`)
    const { body } = await supertest(path).post('').set('Cookie', cookie).field('any', 'form').expect(200)
    expect(body).toMatchObject({ notice: { message: why, type: 'error' } })
    // AdminJS's own button sends no body, which Hapi's plugin takes for no form.
    if (name === 'hapi') await supertest(path).post('').set('Cookie', cookie).expect(415)
    expect((await list('SessionHold')).records).toHaveLength(2)
    expect(await state()).toEqual(untouched)
  })

  test('in code it is done', async () => {
    const { records } = await list('SessionRemoval')
    const release = records.filter(({ params }) => params.outcome === 'kept-out').map(({ id }) => id)
    const done = await state({ inCode: { release } })
    expect(done).toMatchObject({ ended: ['web1'], stored: 0 })
    await until('the source lets him in', async () => (await state()).keptOut.length === 0)
  })
})

test('nothing of the package keeps the process alive', async () => {
  child.send({ close: true })
  expect(await exited).toEqual([0, null])
})
