import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { plesk } from '../../../../src/collectors/panel/plesk/plesk.js'
import { backOffice } from '../../../actions/back-office.js'
import { API_KEY, dateTime, type PleskStandIn, send, startPleskStandIn, terminated } from './plesk-stand-in.js'

let server: PleskStandIn
let office: Awaited<ReturnType<typeof backOffice>>
beforeAll(async () => {
  server = await startPleskStandIn()
  office = await backOffice({
    sources: [plesk({ url: server.url, apiKey: API_KEY, fingerprint: server.fingerprint })],
  })
})
afterAll(async () => {
  await office.stop()
  await server.stop()
})

test('a session of Plesk is a row of the panel sessions, and Remove ends it at Plesk', async () => {
  const now = Math.floor(Date.now() / 1000) * 1000
  const alice = server.logOn({ type: 'mail-user', login: 'alice', idle: dateTime(now) })
  const bob = server.logOn({ login: 'bob' })
  const admin = await office.login('admin@example.com')
  const row = await admin.row('PanelSession', 'alice')
  expect(row.params).toMatchObject({
    ...{ source: 'plesk', login: 'alice', type: 'mailbox-owner', ip: '192.0.2.1' },
    lastActiveAt: new Date(now).toISOString(),
  })
  // Its id is as good as a password.
  expect(JSON.stringify(await admin.list('PanelSession'))).not.toContain(alice.id)

  const { removals } = await admin.remove('PanelSession', row.id)
  expect(removals).toMatchObject([{ outcome: 'ended' }])
  expect([...server.sessions.keys()]).toEqual([bob.id])
  const { records } = await admin.list('SessionRemoval')
  expect(records[0]!.params).toMatchObject({ source: 'plesk', login: 'alice', outcome: 'ended' })
  expect(JSON.stringify(records)).not.toContain(alice.id)
})

test("what Plesk refuses is refused in Plesk's words", async () => {
  server.logOn({ login: 'carol' })
  const admin = await office.login('admin@example.com')
  const row = await admin.row('PanelSession', 'carol')
  server.instead = (packet, response) =>
    packet.includes('<terminate>') && (send(response, terminated([1006, 'Permission denied.'])), true)
  const { removals } = await admin.remove('PanelSession', row.id)
  expect(removals).toMatchObject([
    { outcome: 'refused', message: expect.stringContaining('Plesk refused to end the session (1006, "Permission') },
  ])
  expect([...server.sessions.values()].map(({ login }) => login)).toContain('carol')
})
