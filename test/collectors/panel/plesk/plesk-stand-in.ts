import { execFileSync } from 'node:child_process'
import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { failed, type Hosting, hostingAnswer } from './hosting-packets.js'

/*
 * Stands in for Plesk's XML API: `session` `get` and `terminate`, in the packets that Plesk's documentation has
 * (https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-sessions.40398), with its error codes
 * (https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/error-codes/reduced-list-of-error-codes.33765); and, in
 * packets with several operators, for what tells whose FTP logins are.
 */

export const API_KEY = '6575fae0-ef10-0b57-7e16-4e3ce1a6b2a1'
export const ADMIN = { login: 'admin', password: 'se:cret <wörd> €' }

export interface StandInSession {
  id: string
  type: string
  'ip-address': string
  login: string
  'login-time': string
  idle: string
}

export interface PleskStandIn {
  url: string
  /** Its own certificate, in PEM, and the SHA-256 of it as openssl writes it. */
  certificate: string
  fingerprint: string
  sessions: Map<string, StandInSession>
  hosting: Hosting
  /** Operators on hostings that it refuses. */
  failing: Map<string, readonly [code: number, text: string]>
  /** The packets that were sent to it. */
  packets: string[]
  /** How many TCP connections there have been, and how many of them are open. */
  connections: number
  open: number
  /** HTTP requests that have begun, of any kind. */
  requests: number
  /** Answers instead of it, where it gives true. */
  instead: ((packet: string, response: ServerResponse, request: IncomingMessage) => boolean | void) | null
  /** What it answers to a request that has brought this packet. */
  answer(request: IncomingMessage, packet: string): string
  logOn(session?: Partial<StandInSession>): StandInSession
  stop(): Promise<void>
}

/** A time as XML Schema writes it, with its zone. */
export const dateTime = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')

/** A certificate that nobody has signed but itself, and its key. */
export function selfSigned(names = 'IP:127.0.0.1'): string {
  const subject = ['-subj', '/CN=plesk', '-addext', `subjectAltName=${names}`, '-days', '2']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', '-']
  return execFileSync('openssl', ['req', '-x509', ...key, ...subject], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
}

export async function startPleskStandIn(pem = selfSigned()): Promise<PleskStandIn> {
  const https = createServer({ key: pem, cert: pem }, (request, response) => {
    server.requests++
    void bodyOf(request).then((packet) => {
      server.packets.push(packet)
      if (server.instead?.(packet, response, request)) return
      send(response, answer(request, packet))
    })
  })
  https.on('connection', (socket: Socket) => {
    server.connections++
    server.open++
    socket.once('close', () => server.open--)
  })

  function answer({ method, url, headers }: IncomingMessage, packet: string): string {
    if (method !== 'POST' || url !== '/enterprise/control/agent.php') return system(1003, `${method} ${url}`)
    if (headers['content-type'] !== 'text/xml') return system(1014, 'Parser error')
    const { key, http_auth_login: login, http_auth_passwd: password } = headers
    if (key === undefined && login === undefined) return system(1029, 'Authentication method is not specified')
    if (key !== undefined && key !== API_KEY) {
      return system(
        11003,
        'PleskAPIInvalidSecretKeyException : Invalid secret key usage. Please check logs for details.',
      )
    }
    // Bytes of UTF-8, which Node reads as ISO 8859-1.
    const text = (header: unknown) => Buffer.from(String(header), 'latin1').toString()
    if (key === undefined && (text(login) !== ADMIN.login || text(password) !== ADMIN.password)) {
      return system(1001, 'You have entered incorrect username or password.')
    }
    const operators = /^<\?xml version="1.0" encoding="UTF-8"\?><packet>(.*)<\/packet>$/s.exec(packet)?.[1] ?? ''
    const hosting = hostingAnswer(operators, server.hosting, server.failing)
    if (hosting !== undefined) return packetOf(hosting)
    const body = /^<session>(.*)<\/session>$/s.exec(operators)?.[1]
    if (body === '<get/>') return got([...server.sessions.values()])
    const id = /^<terminate><session-id>([^<]+)<\/session-id><\/terminate>$/.exec(body ?? '')?.[1]
    if (id === undefined) return system(1014, 'Parser error')
    return terminated(server.sessions.delete(unescaped(id)) ? null : [1013, 'Session does not exist'])
  }

  const server: PleskStandIn = {
    url: '',
    certificate: pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')),
    fingerprint: new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE'))).fingerprint256,
    sessions: new Map(),
    hosting: { webspaces: [], sites: [], ftpUsers: [], webUsers: [] },
    failing: new Map(),
    packets: [],
    connections: 0,
    open: 0,
    requests: 0,
    instead: null,
    answer,
    logOn(session = {}) {
      const now = dateTime(Date.now())
      const made = {
        ...{ id: randomBytes(16).toString('hex'), type: 'client', 'ip-address': '192.0.2.1', login: 'alice' },
        ...{ 'login-time': now, idle: now },
        ...session,
      }
      server.sessions.set(made.id, made)
      return made
    },
    async stop() {
      https.close()
      https.closeAllConnections()
      await once(https, 'close')
    },
  }
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  server.url = `https://127.0.0.1:${(https.address() as AddressInfo).port}`
  return server
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

export function send(response: ServerResponse, body: string | Buffer, status = 200, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'text/xml;charset=UTF-8', ...headers }).end(body)
}

export const packetOf = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<packet version="1.6.9.1">${inside}</packet>`

/** An error before any operation. */
export const system = (code: number, text: string) => packetOf(`\n  <system>\n    ${failed(code, text)}\n  </system>\n`)

export const got = (sessions: object[], result = '<status>ok</status>') =>
  packetOf(
    `<session><get><result>${result}${sessions
      .map((session) => {
        const fields = Object.entries(session).map(([name, value]) => `<${name}>${escaped(String(value))}</${name}>`)
        return `\n  <session>\n    ${fields.join('\n    ')}\n  </session>`
      })
      .join('')}\n</result></get></session>`,
  )

export const refused = (code: number, text: string) => got([], failed(code, text))

export const terminated = (error: readonly [code: number, text: string] | null) =>
  packetOf(
    `<session><terminate><result>${error ? failed(...error) : '<status>ok</status>'}</result></terminate></session>`,
  )

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const unescaped = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
