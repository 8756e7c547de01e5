import { afterEach, describe, expect, test } from '@jest/globals'
import type { Express } from 'express'
import { endedSentences } from '../../src/text/ended-cookie.js'
import { backOffice } from './back-office.js'

let office: Awaited<ReturnType<typeof backOffice>>
afterEach(() => office.stop())

/** A back office that tells; its middleware is there before the sessions are, as a host's would not be. */
async function start(contact?: string) {
  let tell: Parameters<Express['use']>[0] = (_request, _response, next) => next()
  office = await backOffice({}, {}, (app) => app.use((request, response, next) => tell(request, response, next)))
  tell = office.sessions.tellEnded({ contact })
}
type Person = Awaited<ReturnType<typeof office.login>>

async function end(by: Person, login: string, body: object) {
  const { id } = await by.row('PanelSession', login)
  expect((await by.remove('PanelSession', id, body)).removals[0]!.outcome).toBe('ended')
}
/** What the login page would show, and where it is. */
async function met({ agent }: Person, path = '/admin/resources/PanelSession', headers: Record<string, string> = {}) {
  const { status, headers: answered } = await agent.get(path).set(headers)
  const cookies = ([answered['set-cookie']].flat() as (string | undefined)[]).map((one) => one?.split(';')[0] ?? '')
  return { status, location: answered.location as string, says: endedSentences(cookies.join('; ')) }
}

describe('a person whose session an admin has ended', () => {
  test('is told so at the next page, why, and where to turn to', async () => {
    await start('support@example.com')
    const admin = await office.login('admin@example.com')
    const reader = await office.login('reader@example.com')
    await end(admin, 'reader@example.com', { reason: 'Moved & <closed>', tellReason: true })
    const { status, location, says } = await met(reader)
    expect(status).toBe(302)
    expect(Object.fromEntries(new URL(location, 'http://host').searchParams)).toEqual({
      sessionEnded: '1',
      reason: 'Moved & <closed>',
      contact: 'support@example.com',
    })
    expect(location.startsWith('/admin/login?')).toBe(true)
    expect(says).toEqual([
      'An administrator has ended your session.',
      'Reason: Moved & <closed>',
      'Questions: support@example.com',
    ])
  })

  test('is told no reason that was not meant for him, and is told in his language', async () => {
    await start()
    const admin = await office.login('admin@example.com')
    const reader = await office.login('reader@example.com')
    await end(admin, 'reader@example.com', { reason: 'He is a thief' })
    const { location, says } = await met(reader, '/admin', { 'accept-language': 'de-AT, de;q=0.9' })
    expect(location).toBe('/admin/login?sessionEnded=1')
    expect(says).toEqual(['Ein Administrator hat Ihre Sitzung beendet.'])
  })

  test('who has not logged in, who has logged out and who is still in are told nothing', async () => {
    await start('support@example.com')
    const admin = await office.login('admin@example.com')
    const leaver = await office.login('reader@example.com')
    await leaver.agent.get('/admin/logout')
    for (const who of [leaver, admin]) {
      const { location, says } = await met(who)
      expect([location ?? '', says]).toEqual([who === leaver ? '/admin/login' : '', []])
    }
    const cookie = 'connect.sid=s%3Aguessed.signature; a=s:b.c; b=s%3A%.c; ='
    const stranger = await fetch(`${office.origin}/admin`, { headers: { cookie }, redirect: 'manual' })
    expect(stranger.headers.get('location')).toBe('/admin/login')
  })

  test('a page of another site learns nothing of it', async () => {
    let away = false
    let tell: Parameters<Express['use']>[0] = (_request, _response, next) => next()
    office = await backOffice({}, {}, (app) => {
      app.use((request, response, next) => tell(request, response, next))
      app.use((_request, response, next) => (away ? response.redirect('https://sso.example/login?a=1#here') : next()))
    })
    tell = office.sessions.tellEnded()
    const admin = await office.login('admin@example.com')
    const reader = await office.login('reader@example.com')
    await end(admin, 'reader@example.com', { reason: 'Secret', tellReason: true })
    away = true
    expect((await met(reader)).location).toBe('https://sso.example/login?a=1#here')
  })
})
