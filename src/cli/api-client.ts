import { readFileSync } from 'node:fs'
import { messageOf } from '../text/error-message.js'
import { WrongUsage } from './arguments.js'
import { answersWithin, NotAnswered, type Answered, type Client } from './client.js'

/** Asks a back office's HTTP API. The token comes from the environment or a file: an argument is everybody's to see. */
export class ApiClient implements Client {
  private readonly base: string
  private readonly token: string

  /** @throws WrongUsage where it is not said where the API is, or who asks */
  constructor(
    { url, tokenFile }: { url?: string; tokenFile?: string },
    private readonly signal: AbortSignal,
  ) {
    const base = url ?? process.env.ADMINJS_SESSIONS_URL
    if (base === undefined || !/^https?:\/\//.test(base) || !URL.canParse(base)) {
      throw new WrongUsage(
        'Expected where to ask: a back office, as --url https://panel.example.com/sessions or in ADMINJS_SESSIONS_URL, or ' +
          `its database, as --config sessions.config.mjs; found ${base === undefined ? 'neither' : JSON.stringify(base)}.`,
      )
    }
    this.base = base.replace(/\/+$/, '')
    this.token = tokenIn(tokenFile)
  }

  get(path: string, query: Record<string, string> = {}): Promise<Answered> {
    const asked = new URLSearchParams(query).toString()
    return this.ask('GET', asked === '' ? path : `${path}?${asked}`)
  }

  post(path: string, body: object): Promise<Answered> {
    return this.ask('POST', path, body)
  }

  async *events(): ReturnType<Client['events']> {
    const response = await this.fetch('GET', '/events', undefined, this.signal)
    let rest = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      rest += chunk
      const messages = rest.split('\n\n')
      rest = messages.pop()!
      for (const message of messages) {
        const of = (field: string) => new RegExp(`^${field}: ?(.*)$`, 'm').exec(message)?.[1]
        const [event, data] = [of('event'), of('data')]
        if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) as Answered }
      }
    }
  }

  async close(): Promise<void> {}

  private async ask(method: string, path: string, body?: object): Promise<Answered> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(answersWithin)])
    const response = await this.fetch(method, path, body, signal)
    return (await response.json()) as Answered
  }

  private async fetch(method: string, path: string, body: object | undefined, signal: AbortSignal): Promise<Response> {
    let response
    try {
      response = await fetch(`${this.base}${path}`, {
        method,
        signal,
        redirect: 'error',
        headers: { Authorization: `Bearer ${this.token}`, ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
      })
    } catch (error) {
      const { cause } = error as { cause?: unknown }
      throw new NotAnswered(`${this.base} can't be asked: ${messageOf(cause ?? error)}`, { cause: error })
    }
    if (response.ok) return response
    const problem = (await response.json().catch(() => ({}))) as Answered
    const words = [problem.detail ?? problem.title, problem.remedy].filter((one) => typeof one === 'string').join(' ')
    throw new NotAnswered(
      `${this.base} answered ${response.status}: ${words || 'nothing that an API of this kind says.'}`,
    )
  }
}

function tokenIn(file: string | undefined): string {
  let token = process.env.ADMINJS_SESSIONS_TOKEN
  if (file !== undefined) {
    try {
      token = readFileSync(file, 'utf8').trim()
    } catch (error) {
      throw new WrongUsage(`The token could not be read from ${file}: ${messageOf(error)}`, { cause: error })
    }
  }
  if (!token) {
    throw new WrongUsage('Expected a token in ADMINJS_SESSIONS_TOKEN or in a file, by --token-file; found none.')
  }
  return token
}
