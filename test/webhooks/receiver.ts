import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook as Verified } from 'standardwebhooks'

export const secret = `whsec_${Buffer.from('a key of this test that is long enough').toString('base64')}`

interface Told {
  headers: IncomingHttpHeaders
  body: { type: string; timestamp: string; data: Record<string, never> }
}

/** Somebody who is told, and checks each signature by a library that is not ours. */
export async function receiver() {
  const told: Told[] = []
  let answer: number | null = 204
  let connections = 0
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += chunk))
    request.on('end', () => {
      new Verified(secret).verify(body, request.headers as Record<string, string>)
      told.push({ headers: request.headers, body: JSON.parse(body) as Told['body'] })
      if (answer === null) return
      response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end()
    })
  })
  server.on('connection', () => connections++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    told,
    port,
    url: `http://127.0.0.1:${port}/hook/with-a-secret`,
    connections: () => connections,
    /** With which status; null: never. */
    answers: (status: number | null) => (answer = status),
    stop: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
