import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import compression from 'compression'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { until } from '../until.js'
import { apiOffice, tokens, type Office } from './api-office.js'

interface Stream {
  response: IncomingMessage
  /** What has been read. */
  text(): string
  /** The data of the next event of a name. */
  next(name: string): Promise<Record<string, unknown>>
  isOver(): boolean
}

/** Listens as a browser's EventSource would, with a token and whatever a proxy accepts. */
function listen(office: Office, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${office.base}/events`,
      { headers: { Authorization: `Bearer ${tokens.reader}`, ...headers } },
      (response) => {
        let text = ''
        let isOver = false
        response.setEncoding('utf8').on('data', (some: string) => (text += some))
        response.on('close', () => (isOver = true)).on('error', () => {})
        resolve({
          response,
          text: () => text,
          isOver: () => isOver,
          next: (name) =>
            until(`an event ${name}`, () => {
              const [, data] = new RegExp(`event: ${name}\\ndata: (.*)\\n\\n`).exec(text) ?? []
              return data !== undefined && (JSON.parse(data) as Record<string, unknown>)
            }),
        })
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

describe('events', () => {
  let office: Office
  let failing = false
  beforeEach(async () => {
    failing = false
    office = await apiOffice(
      { pollEvery: 250 },
      {
        list: async () => {
          if (failing) throw new Error('the scoreboard is away')
          return [...office.ftp.sessions.values()].map((one) => ({ ...one }))
        },
      },
      (app) => app.use(compression({ threshold: 0 })),
    )
  })
  afterEach(() => office.stop())

  test('tell of what happens as it happens, behind middleware that compresses, as answers have it', async () => {
    const stream = await listen(office, { 'Accept-Encoding': 'gzip' })
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store, no-transform',
    })
    expect(stream.response.headers['content-encoding']).toBeUndefined()
    office.ftp.add('a\nb', { connectedAt: new Date() })
    const { kind, session } = await stream.next('session-opened')
    expect(kind).toBe('ftp')
    expect((await office.ask('GET', `/ftp/${(session as { id: number }).id}`)).body).toMatchObject({ login: 'a\nb' })
    expect(Object.keys(session as object)).toEqual(
      Object.keys(office.document.components.schemas.FtpSession.properties),
    )
    const { body } = await office.ask('POST', '/removals', { body: { kind: 'ftp', idleFor: 0, login: 'a\nb' } })
    expect(body.counts).toEqual({})
    const removed = await office.ask('POST', '/removals', { body: { login: 'a\nb' } })
    const record = await stream.next('removed')
    expect(record).toMatchObject({ batch: removed.body.batch, outcome: 'ended', removedBy: 'billing' })
    expect(record).toEqual((await office.ask('GET', `/removals/${record.id as number}`)).body)
    expect(await stream.next('session-ended')).toMatchObject({ kind: 'ftp', how: expect.any(String) })
    office.ftp.add('back', { login: 'a\nb', connectedAt: new Date(Date.now() + 1000) })
    expect(await stream.next('came-back')).toMatchObject({ login: 'a\nb', cameBackAt: expect.any(String) })
    failing = true
    expect(await stream.next('source-failing')).toMatchObject({ name: 'fake-ftp', error: 'the scoreboard is away' })
    failing = false
    await stream.next('source-ok')
    expect(stream.text()).toMatch(/^retry: 5000\n\n/)
    expect(stream.text()).not.toContain('event: polled')
    stream.response.destroy()
  })

  test('twenty may listen, and no more; whoever goes makes room, and nobody listens for nobody', async () => {
    const heard = () => office.sessions.events as unknown as { isHeard(name: string): boolean }
    expect(heard().isHeard('came-back')).toBe(false)
    const streams = await Promise.all(Array.from({ length: 20 }, () => listen(office)))
    expect(heard().isHeard('came-back')).toBe(true)
    // Not by fetch, which would wait for the end of a stream that it should not have got.
    const { response } = await listen(office)
    expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '60'])
    streams[0]!.response.destroy()
    const another = await until('room for another', async () => {
      const one = await listen(office)
      return one.response.statusCode === 200 && one
    })
    for (const { response } of [...streams, another]) response.destroy()
    await until('nobody listens', () => !heard().isHeard('came-back'))
  })

  test('whoever does not read is cut off; the others go on', async () => {
    const reading = await listen(office)
    const { port } = new URL(office.base)
    const deaf = connect(Number(port), '127.0.0.1')
    deaf.pause()
    let isCut = false
    deaf.on('close', () => (isCut = true)).on('error', () => {})
    deaf.write(`GET /sessions/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.reader}\r\n\r\n`)
    const connections = () =>
      new Promise<number>((resolve) => office.server.getConnections((_, count) => resolve(count)))
    await until('the other one', async () => (await connections()) >= 2)
    const event = { kind: 'ftp', session: { id: 1, login: 'x'.repeat(100_000) } }
    const events = office.sessions.events as unknown as { tell(name: string, event: object): void }
    const before = process.memoryUsage().rss
    let count = 0
    // What the kernel takes for it is some megabytes.
    await until('one of them is cut off', async () => {
      for (let i = 0; i < 10; i++) events.tell('session-opened', event)
      count += 10
      await until('the reader', () => reading.text().split('event: session-opened').length > count)
      deaf.resume()
      deaf.pause()
      return isCut || (await connections()) < 2
    })
    deaf.destroy()
    expect(process.memoryUsage().rss - before).toBeLessThan(500 * 1024 * 1024)
    expect(reading.isOver()).toBe(false)
    office.ftp.add('after')
    await until('the next one', () => reading.text().includes('"login":"after"'))
    reading.response.destroy()
  })

  test('stop() ends them, and asks nobody in', async () => {
    const streams = await Promise.all([listen(office), listen(office)])
    const stopped = office.sessions.stop()
    await until('their end', () => streams.every(({ isOver }) => isOver()))
    await stopped
    expect((await office.ask('GET', '/ftp')).status).toBe(503)
    // A listener that is left would write to what has ended.
    const events = office.sessions.events as unknown as { tell(name: string, event: object): void }
    events.tell('session-opened', { kind: 'ftp', session: {} })
  })
})

test('a stream that has nothing to tell says every 15 s that it is there', async () => {
  jest.useFakeTimers({ doNotFake: [...others] })
  const office = await apiOffice({ pollEvery: 3600_000 })
  try {
    const stream = await listen(office)
    await until('its beginning', () => stream.text().includes('retry'))
    jest.advanceTimersByTime(14_900)
    expect(stream.text()).not.toContain(': here')
    jest.advanceTimersByTime(200)
    await until('a comment', () => stream.text().includes(': here\n\n'))
    stream.response.destroy()
  } finally {
    jest.useRealTimers()
    await office.stop()
  }
})

/** All but setInterval. */
const others = [
  ...(['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
  ...(['setTimeout', 'clearTimeout'] as const),
]
