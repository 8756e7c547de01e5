import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import supertest from 'supertest'
import { until } from '../until.js'

test('the quick start is a back office that lists who has logged in to it', async () => {
  await import('../fresh-dist.mjs')
  const directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-minimal-'))
  const example = fileURLToPath(new URL('../../examples/minimal.mjs', import.meta.url))
  const child = spawn(process.execPath, [example], {
    cwd: directory,
    env: { ...process.env, PORT: '0', NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const exited = once(child, 'exit')
  try {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
    const url = new URL(await until('it says where it is', () => /^http:\S+/m.exec(said)?.[0]))
    const agent = supertest.agent(url.origin)
    await agent.post('/admin/login').type('form').send({ email: 'admin@example.com', password: 'wrong' }).expect(200)
    await agent
      .post('/admin/login')
      .type('form')
      .send({ email: 'admin@example.com', password: 'change me' })
      .expect(302)
    const list = (resource: string) => agent.get(`/admin/api/resources/${resource}/actions/list`).expect(200)
    const row = await until('its own session is listed', async () => {
      const { body } = (await list('PanelSession')) as { body: { records: { params: Record<string, unknown> }[] } }
      return body.records[0]
    })
    expect(row.params).toMatchObject({ login: 'admin@example.com', type: 'administrator', own: true })
    expect((await list('FtpSession')).body).toMatchObject({ sessions: { sources: [{ name: 'proftpd' }] } })
  } finally {
    child.kill('SIGKILL')
    await exited
    await rm(directory, { recursive: true, force: true })
  }
})
