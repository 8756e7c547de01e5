import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/*
 * Stands in for SFTPGo's REST API: /token, /connections and /connections/{connectionID}, as its OpenAPI description
 * has them (https://github.com/drakkan/sftpgo/blob/main/openapi/openapi.yaml), and, where that is silent, as its source
 * does it: `node` and `current_time`, ids that are counted from 1 after each start, a new connection_time at an FTP
 * logon, an end that is answered before it is done, 404 for whatever another node answers.
 */

export const ADMIN = { username: 'adminjs', password: 'se:cret wörd' }
export const API_KEY = 'kqHv7x9wYf3d8m2nKpQrTs.5tUvWxYz1AbCdEfGhIjKlM'

export interface StandInTransfer {
  operation_type: 'upload' | 'download'
  path: string
  start_time: number
  size: number
}

/** A client of the stand-in. */
export interface StandInConnection {
  username: string
  connection_id: string
  client_version?: string
  remote_address: string
  connection_time: number
  last_activity: number
  protocol: string
  command?: string
  active_transfers?: StandInTransfer[]
  node?: string
}

export interface SftpgoStandIn {
  url: string
  /** What its administrator may do. */
  permissions: Set<'view_conns' | 'close_conns'>
  connections: Map<string, StandInConnection>
  /** ms by which the clock of a node is ahead; `''` is the one of a single node. */
  clocks: Map<string, number>
  /** What was asked, like `GET /api/v2/connections`. */
  requests: string[]
  /** Nodes that do not answer the others: left out of the list in silence, 404 at an end. */
  unreachable: Set<string>
  /** Answers instead of it, where it gives true. */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean | void) | null
  connect(client?: Partial<StandInConnection>): StandInConnection
  /** An FTP client logs on, or logs on as somebody else. */
  logOn(client: StandInConnection, username: string): void
  isConnected(client: StandInConnection): boolean
  disconnect(client: StandInConnection): void
  /** As its tokens do after 20 minutes. */
  expireTokens(): void
  /** Ends all connections and tokens, and counts from 1 again. */
  restart(): void
  stop(): Promise<void>
}

export async function startSftpgoStandIn(): Promise<SftpgoStandIn> {
  let counter = 0
  let port = 49_152
  const tokens = new Set<string>()
  const nowOf = (node = '') => Date.now() + (server.clocks.get(node) ?? 0)
  const placeOf = ({ node, connection_id }: StandInConnection) => `${node ?? ''} ${connection_id}`

  const http = createServer((request, response) => {
    server.requests.push(`${request.method} ${request.url}`)
    if (server.instead?.(request, response)) return
    answer(request, response)
  })

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, 'http://sftpgo')
    if (pathname === '/api/v2/token') return giveToken(request, response)
    const refusal = refusalOf(request)
    if (refusal) return reply(response, ...refusal)
    if (pathname === '/api/v2/connections' && request.method === 'GET') {
      if (!server.permissions.has('view_conns')) return reply(response, 403, { error: '', message: 'Forbidden' })
      return reply(response, 200, listed())
    }
    const id = /^\/api\/v2\/connections\/([^/]+)$/.exec(pathname)?.[1]
    if (id && request.method === 'DELETE') {
      if (!server.permissions.has('close_conns')) return reply(response, 403, { error: '', message: 'Forbidden' })
      const node = searchParams.get('node') ?? ''
      const place = `${node} ${decodeURIComponent(id)}`
      if (server.unreachable.has(node) || !server.connections.has(place)) {
        return reply(response, 404, { error: '', message: 'Not Found' })
      }
      reply(response, 200, { error: '', message: 'Connection closed' })
      return void response.once('finish', () => server.connections.delete(place))
    }
    reply(response, 404, { error: '', message: 'Not Found' })
  }

  function giveToken(request: IncomingMessage, response: ServerResponse): void {
    const [, basic = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    if (Buffer.from(basic, 'base64').toString() !== `${ADMIN.username}:${ADMIN.password}`) {
      return reply(response, 401, { error: 'invalid credentials', message: 'Unauthorized' })
    }
    const access_token = randomBytes(32).toString('base64url')
    tokens.add(access_token)
    reply(response, 200, { access_token, expires_at: new Date(nowOf() + 20 * 60_000).toISOString() })
  }

  function refusalOf({ headers }: IncomingMessage): [status: number, body: unknown] | null {
    const key = headers['x-sftpgo-api-key']
    if (typeof key === 'string') {
      if (!key.includes('.')) return [400, { error: 'the provided api key is not valid', message: '' }]
      return key === API_KEY ? null : [401, { error: 'the provided api key cannot be authenticated', message: '' }]
    }
    const known = tokens.has(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '')
    return known ? null : [401, { error: 'token is unauthorized', message: 'Unauthorized' }]
  }

  const listed = () =>
    [...server.connections.values()]
      .filter(({ node }) => !server.unreachable.has(node ?? ''))
      .map((one) => ({ ...one, current_time: nowOf(one.node) }))

  const server: SftpgoStandIn = {
    url: '',
    permissions: new Set(['view_conns', 'close_conns']),
    connections: new Map(),
    clocks: new Map(),
    requests: [],
    unreachable: new Set(),
    instead: null,
    connect(client = {}) {
      const { protocol = 'FTP', node } = client
      const id = protocol === 'FTP' ? `0_${++counter}` : randomBytes(32).toString('hex')
      const connection: StandInConnection = {
        username: '',
        connection_id: `${protocol}_${id}`,
        remote_address: `127.0.0.1:${port++}`,
        connection_time: nowOf(node),
        last_activity: nowOf(node),
        protocol,
        ...client,
      }
      server.connections.set(placeOf(connection), connection)
      return connection
    },
    logOn(client, username) {
      // SFTPGo puts a new connection in its place: at least a millisecond later.
      const now = Math.max(nowOf(client.node), client.connection_time + 1)
      Object.assign(client, { username, connection_time: now, last_activity: now })
    },
    isConnected: (client) => server.connections.get(placeOf(client)) === client,
    disconnect: (client) => void server.connections.delete(placeOf(client)),
    expireTokens: () => tokens.clear(),
    restart() {
      counter = 0
      tokens.clear()
      server.connections.clear()
    },
    async stop() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return server
}

/** Answers as SFTPGo does: JSON, also for errors. */
export function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}
