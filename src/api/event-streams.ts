import type { Response } from 'express'
import type { SessionEventName, SessionEvents, SessionListener } from '../database/session-events.js'
import { eventAnswers } from './answers.js'
import { Problem } from './problem.js'

/** Streams that may be open at once. */
const mostStreams = 20
/** Bytes that may wait for a client to read them. */
const mostWaiting = 1024 * 1024
/** ms between two comments by which proxies and clients see that a stream lives. */
const beatEvery = 15_000
/** ms after which a client comes again whose stream has ended. */
const retryAfter = 5000

/** Whoever listens to what happens, by server-sent events. Nothing is listened to where nobody is there. */
export class EventStreams {
  private readonly open = new Set<Response>()
  private listening: (() => void) | undefined

  /** @param signal ends all of them */
  constructor(
    private readonly events: SessionEvents,
    private readonly signal: AbortSignal,
  ) {
    signal.addEventListener('abort', () => this.stop(), { once: true })
  }

  /** @throws Problem where there are too many already */
  add(stream: Response): void {
    if (this.open.size >= mostStreams) {
      throw new Problem(503, `${mostStreams} streams are open; there are no more.`, 'Close one, and ask again.', {
        'Retry-After': '60',
      })
    }
    stream.writeHead(200, {
      'Content-Type': 'text/event-stream',
      // Middleware that compresses would keep it until there is enough, and so would nginx.
      'Cache-Control': 'no-store, no-transform',
      'X-Accel-Buffering': 'no',
    })
    stream.write(`retry: ${retryAfter}\n\n`)
    if (stream.req.method === 'HEAD' || this.signal.aborted) return void stream.end()
    this.open.add(stream)
    this.listening ??= this.listen()
    stream.once('close', () => this.drop(stream))
  }

  private stop(): void {
    for (const stream of this.open) {
      this.drop(stream)
      stream.end()
    }
  }

  /** Nothing may be written to it any more: Node throws where somebody writes to what has ended. */
  private drop(stream: Response): void {
    this.open.delete(stream)
    if (this.open.size > 0) return
    this.listening?.()
    this.listening = undefined
  }

  private listen(): () => void {
    const beat = setInterval(() => this.send(': here\n\n'), beatEvery).unref()
    const ends = Object.entries(eventAnswers).map(([name, answer]) => {
      const listener = (event: never) => this.send(`event: ${name}\ndata: ${JSON.stringify(answer(event))}\n\n`)
      this.events.on(name as SessionEventName, listener as SessionListener<SessionEventName>)
      return () => this.events.off(name as SessionEventName, listener as SessionListener<SessionEventName>)
    })
    return () => {
      clearInterval(beat)
      for (const end of ends) end()
    }
  }

  private send(text: string): void {
    for (const stream of this.open) {
      stream.write(text)
      // It does not read: what it misses is not kept for it.
      if (stream.writableLength <= mostWaiting) continue
      this.drop(stream)
      stream.destroy()
    }
  }
}
