import { afterEach, describe, expect, test } from '@jest/globals'
import express from 'express'
import type { Server } from 'node:http'
import supertest from 'supertest'
import { foreignOrigin } from '../../src/actions/same-origin.js'
import { inEnglish } from '../../src/text/said.js'

const servers: Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

/** What a back office with this setting of Express answers to a request with these headers. */
async function answer(headers: Record<string, string>, trustProxy?: unknown, origins: string[] = []): Promise<string> {
  const app = express()
  if (trustProxy !== undefined) app.set('trust proxy', trustProxy)
  app.post('/', (request, response) => {
    const foreign = foreignOrigin(request, origins)
    response.send(foreign ? inEnglish([foreign]) : 'own')
  })
  const server: Server = await new Promise((resolve) => {
    const listening: Server = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  servers.push(server)
  return (await supertest(server).post('/').set(headers).expect(200)).text
}

const host = { Host: 'admin.example' }
const byTls = { ...host, 'X-Forwarded-Proto': 'https' }
const inside = { Host: 'inside:3000', 'X-Forwarded-Host': 'admin.example', 'X-Forwarded-Proto': 'https' }
const evil = { ...host, 'X-Forwarded-Host': 'evil.example', Origin: 'http://evil.example' }

describe('a request is of this back office', () => {
  test.each<[string, Record<string, string>, unknown?]>([
    ['by a program, which names no origin', host],
    ['by the word of the browser', { ...host, 'Sec-Fetch-Site': 'same-origin' }],
    ['by the word of the browser, whatever a proxy did to the host', { Host: 'inside:3000', 'Sec-Fetch-Site': 'same-origin', Origin: 'https://admin.example' }],
    ['by its origin', { ...host, Origin: 'http://admin.example' }],
    ['by its origin with a port', { Host: 'admin.example:3000', Origin: 'http://admin.example:3000' }],
    ['where the host names the default port', { Host: 'admin.example:80', Origin: 'http://admin.example' }],
    ['by https, through a proxy that Express trusts', { ...byTls, Origin: 'https://admin.example' }, true],
    ['by https, through a proxy that Express does not trust', { ...byTls, Origin: 'https://admin.example' }],
    ['where a trusted proxy says which host was asked', { ...inside, Origin: 'https://admin.example' }, 'loopback'],
    ['where the first of several trusted proxies says so', { ...inside, 'X-Forwarded-Host': 'admin.example, inner', Origin: 'https://admin.example' }, true],
  ])('%s', async (_, ...[headers, trustProxy]) => {
    expect(await answer(headers, trustProxy)).toBe('own')
  }) // prettier-ignore
})

describe('behind a proxy that names neither its port nor itself', () => {
  const lan = { Host: 'panel.lan', Origin: 'http://panel.lan:8080' }

  test('a request is of this back office where only the port is missing (nginx: Host $host)', async () => {
    expect(await answer(lan)).toBe('own')
    expect(await answer({ ...lan, Origin: 'https://panel.lan:8443' })).toBe('own')
  })

  test('another host stays foreign, and so does another port than the one that is named', async () => {
    expect(await answer({ ...lan, Origin: 'http://evil.lan:8080' })).toMatch(/another origin/)
    expect(await answer({ ...lan, Host: 'panel.lan:3000' })).toMatch(/another origin/)
  })

  test('nothing is missing from the name of whoever listens on the port that needs none', () => {
    const asked = (localPort: number) => ({
      get: (name: string) => ({ host: 'panel.lan', origin: 'http://panel.lan:8080' })[name],
      ...{ protocol: 'http', app: { get: () => () => false }, socket: { localPort } },
    })
    expect(foreignOrigin(asked(80) as never, [])?.key).toBe('otherOrigin')
    expect(foreignOrigin(asked(443) as never, [])?.key).toBe('otherOrigin')
    expect(foreignOrigin(asked(3000) as never, [])).toBeUndefined()
  })

  test('the host says by which addresses it is opened', async () => {
    const hidden = { Host: '127.0.0.1:3000', Origin: 'http://panel.lan:8080' }
    expect(await answer(hidden)).toBe(
      'The request came from another origin (http://panel.lan:8080) than this back office (http://127.0.0.1:3000). ' +
        'If http://panel.lan:8080 is how you open it, a proxy hides that: set the option origins of createSessions.',
    )
    expect(await answer(hidden, false, ['https://panel.example', 'http://panel.lan:8080'])).toBe('own')
    expect(await answer(hidden, false, ['http://panel.lan'])).toMatch(/another origin/)
    expect(await answer({ ...hidden, 'Sec-Fetch-Site': 'same-site' }, false, ['http://panel.lan:8080'])).toMatch(
      /another site/,
    )
  })
})

test('where AdminJS runs on another framework nothing is known of the request, and it is told so', () => {
  expect(foreignOrigin(undefined, [])?.key).toBe('notExpress')
  expect(foreignOrigin({} as never, [])?.key).toBe('notExpress')
})

describe('a request is foreign', () => {
  test.each<[string, Record<string, string>, unknown?]>([
    ['by the word of the browser', { ...host, 'Sec-Fetch-Site': 'cross-site' }],
    ['by the word of the browser, whatever its origin says', { ...host, 'Sec-Fetch-Site': 'same-site', Origin: 'http://admin.example' }],
    ['by the word of the browser that nobody asked for it', { ...host, 'Sec-Fetch-Site': 'none' }],
    ['by its host', { ...host, Origin: 'http://evil.example' }],
    ['by its host over https', { ...host, Origin: 'https://evil.example' }],
    ['by its port', { Host: 'admin.example:3000', Origin: 'http://admin.example:4000' }],
    ['by http, where the request came by https', { ...byTls, Origin: 'http://admin.example' }, true],
    ['by a scheme of its own', { ...host, Origin: 'ftp://admin.example' }],
    ['where its origin is none', { ...host, Origin: 'null' }],
    ['where nobody trusts the proxy that names its host', evil],
    ['where Express trusts another proxy than the one that names its host', evil, '192.0.2.7'],
    ['where no host is named', { Host: '', Origin: 'http://undefined' }],
    ['where the host is none', { Host: '???', Origin: 'http://evil.example' }],
  ])('%s', async (_, ...[headers, trustProxy]) => {
    expect(await answer(headers, trustProxy)).toMatch(/^The request came from another (site|origin) \(/)
  }) // prettier-ignore

  test('and what it says of itself is cut short', async () => {
    expect((await answer({ ...host, Origin: `http://${'x'.repeat(3000)}` })).length).toBeLessThan(800)
    expect((await answer({ ...host, 'Sec-Fetch-Site': 'x'.repeat(3000) })).length).toBeLessThan(120)
  })
})
