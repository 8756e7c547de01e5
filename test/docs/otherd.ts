import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A session of *otherd*, the FTP server of examples/adapter/otherd.mjs. */
export interface OtherdSession {
  id: string
  user: string | null
  address: string
  connected: string
  active: string
  transfer: { up: boolean; path: string; bytes: number } | null
}

/** Stands in for *otherd*: an HTTP API that wants a key. */
export async function startOtherd(apiKey: string) {
  const sessions = new Map<string, OtherdSession>()
  const otherd = {
    url: '',
    sessions,
    /** Answers in the place of it, where it gives true. */
    instead: null as ((request: IncomingMessage, response: ServerResponse) => boolean) | null,
    connect(fields: Partial<OtherdSession> = {}): OtherdSession {
      const now = new Date().toISOString()
      const common = { user: null, address: '127.0.0.1', connected: now, active: now, transfer: null }
      const session = { id: randomUUID(), ...common, ...fields }
      sessions.set(session.id, session)
      return session
    },
    async stop(): Promise<void> {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
  const http = createServer((request, response) => {
    if (otherd.instead?.(request, response)) return
    const [, id] = /^\/sessions\/(.+)$/.exec(request.url!) ?? []
    if (request.headers['x-api-key'] !== apiKey) response.writeHead(401).end()
    else if (request.url === '/sessions') response.end(JSON.stringify([...sessions.values()]))
    else response.writeHead(id && sessions.delete(decodeURIComponent(id)) ? 204 : 404).end()
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  otherd.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return otherd
}
