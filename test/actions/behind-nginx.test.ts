import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import supertest from 'supertest'
import { nginxMissing, startNginx } from '../servers/nginx.js'
import { freePort, type RunningServer } from '../servers/server.js'
import { backOffice } from './back-office.js'

/** Asked as by a browser's page that is no secure context: it names its origin, and not how the two are related. */
;(nginxMissing ? describe.skip : describe)(`a real nginx before the back office ${nginxMissing ?? ''}`, () => {
  const named = { port: 0, origin: '' }
  const hidden = { port: 0, origin: '' }
  let office: Awaited<ReturnType<typeof backOffice>>
  let told: Awaited<ReturnType<typeof backOffice>>
  let nginx: RunningServer
  beforeAll(async () => {
    for (const each of [named, hidden]) {
      each.port = await freePort()
      each.origin = `http://panel.lan:${each.port}`
    }
    office = await backOffice()
    told = await backOffice({ origins: [hidden.origin] })
    nginx = await startNginx(`
      server {
        listen 127.0.0.1:${named.port};
        location / { proxy_pass ${office.origin}; proxy_set_header Host $host; }
      }
      server {
        listen 127.0.0.1:${hidden.port};
        location / { proxy_pass ${office.origin}; }
        location /told/ { proxy_pass ${told.origin}/; }
      }`)
  })
  afterAll(async () => {
    await nginx?.stop()
    await office?.stop()
    await told?.stop()
  })

  /** Removes a session of the back office `of`, asked for by these ways. */
  async function remove(of: typeof office, { port, origin }: typeof named, path = ''): Promise<string[]> {
    of.ftp.add('ann', { login: 'ann' })
    const { id } = await (await of.login('second@example.com')).row('FtpSession', 'ann')
    const admin = supertest.agent(`http://127.0.0.1:${port}`)
    const post = (to: string) => admin.post(`${path}/admin/${to}`).set({ Host: `panel.lan:${port}`, Origin: origin })
    await post('login').type('form').send({ email: 'admin@example.com', password: 'x' }).expect(302)
    const { body } = await post(`api/resources/FtpSession/bulk/remove?recordIds=${id}`).expect(200)
    const { removals } = body as { removals: { outcome: string; message: string | null }[] }
    return removals.map(({ outcome, message }) => (message === null ? outcome : `${outcome}: ${message}`))
  }

  test('that names its host and not its port: Remove works', async () => {
    expect(await remove(office, named)).toEqual(['ended'])
  })

  test('that hides its host: the refusal says what to set, and set it works, also below a path', async () => {
    const [refused] = await remove(office, hidden)
    expect(refused).toContain(`refused: The request came from another origin (${hidden.origin})`)
    expect(refused).toContain('set the option origins of createSessions')
    expect(await remove(told, hidden, '/told')).toEqual(['ended'])
  })
})
