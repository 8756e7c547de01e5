import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import supertest from 'supertest'
import { until } from '../until.js'

type Row = { id: number; params: { login: string; own?: boolean } }

test('NestJS: whoever has logged in is listed, and is out when he has been removed', async () => {
  await import('../fresh-dist.mjs')
  const child = fork(fileURLToPath(new URL('nestjs.child.mjs', import.meta.url)), {
    // Otherwise AdminJS watches its components for as long as the process lives.
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' },
    execArgv: ['--import', new URL('../in-one-file.hook.mjs', import.meta.url).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  try {
    const [origin] = (await once(child, 'message')) as [string]
    const logOn = async (email: string) => {
      const agent = supertest.agent(origin)
      await agent.post('/admin/login').type('form').send({ email, password: 'x' }).expect(302)
      return agent
    }
    const [admin, other] = [await logOn('admin@example.com'), await logOn('other@example.com')]
    const list = async () =>
      (await admin.get('/admin/api/resources/PanelSession/actions/list').expect(200)).body as {
        records: Row[]
        sessions: { ownMissing: string | null }
      }
    const rows = await until('both are listed', async () => {
      const { records } = await list()
      return records.length === 2 && records
    })
    const of = (login: string) => rows.find(({ params }) => params.login === login)!
    expect(of('admin@example.com').params.own).toBe(true)
    expect((await list()).sessions.ownMissing).toBeNull()

    const remove = `/admin/api/resources/PanelSession/bulk/remove?recordIds=${of('other@example.com').id}`
    const removed = await admin.post(remove).set('Origin', origin).send({}).expect(200)
    expect(removed.body).toMatchObject({ removals: [{ outcome: 'ended' }] })
    await other.get('/admin/api/resources/PanelSession/actions/list').expect(302)
    const foreign = await admin.post(remove).set('Origin', 'http://evil.example').send({}).expect(200)
    expect(foreign.body).toMatchObject({ removals: [{ outcome: 'refused' }] })

    // Closed by Nest, nothing of the package keeps the process alive.
    child.send('close')
    expect(await exited).toEqual([0, null])
  } finally {
    if (child.exitCode === null) child.kill('SIGKILL')
    await exited
  }
})
