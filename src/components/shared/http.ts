import { type RecordJSON, ViewHelpers } from 'adminjs'
import { pollMark } from '../../session-source.js'

/** The admin's session has ended: the server redirected the request to its login page. */
export class LoggedOut extends Error {
  override readonly name = 'LoggedOut'
}

/** AdminJS answers a refusal with status 200 and a notice, whose message is a translation key or a text. */
export interface WithNotice {
  notice?: { type: string; message: string; options?: Values }
}

export type Values = Record<string, string | number>

/** The server refused, or its answer makes no sense. The message is a translation key or a text. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
  readonly values: Values

  constructor(answer: WithNotice | null, otherwise: string) {
    super(answer?.notice?.message ?? otherwise)
    this.values = answer?.notice?.options ?? {}
  }
}

interface Question {
  /** Sent as JSON by POST. Without it the request is a GET. */
  body?: unknown
  /** Sent by a timer, not by a person: must not count as activity on the server. */
  poll?: boolean
  signal?: AbortSignal
}

/** @adminjs/hapi takes nothing but multipart forms: it refuses what is sent here by itself, before any action is asked. */
const noJson = 'said.notExpress'

/** In ms; longer than the server waits for the outcome of a removal. */
const timeLimit = 30_000

/**
 * Sends a request to AdminJS's API, and does not follow redirects.
 *
 * AdminJS's own ApiClient follows the redirect to the login page, shows an alert and leaves the page. A list that polls
 * must not do that to somebody who merely has it open.
 *
 * @throws LoggedOut if the session has ended; Unanswered, with the server's message, if it refused or its answer makes
 *   no sense; what `fetch` throws if it cannot be reached
 */
export async function ask<Answer>(url: string, { body, poll, signal }: Question = {}): Promise<Answer> {
  const life = new AbortController()
  const stop = () => life.abort()
  signal?.addEventListener('abort', stop)
  const timer = setTimeout(stop, timeLimit)
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(poll ? { [pollMark]: '1' } : {}),
      },
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'manual',
      signal: life.signal,
    })
    if (response.type === 'opaqueredirect' || response.status === 401) throw new LoggedOut()
    const answer = await response.json().catch(() => null)
    if (!response.ok || answer === null || typeof answer !== 'object') {
      throw new Unanswered(answer, response.status === 415 ? noJson : `HTTP ${response.status}`)
    }
    return answer as Answer
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** `{root}/api/resources/{resourceId}/…`, wherever the back office is mounted. */
export function apiUrl(resourceId: string, path: string[], search?: URLSearchParams): string {
  return new ViewHelpers().urlBuilder(['api', 'resources', resourceId, ...path], search ? `?${search}` : '')
}

/** The bulk action `remove`: by GET it shows what would end, by POST it ends. */
export function removeUrl(resourceId: string, recordIds: string[]): string {
  return apiUrl(resourceId, ['bulk', 'remove'], new URLSearchParams({ recordIds: recordIds.join(',') }))
}

/** The action `removeAll`: of whatever matches these filters, or about a batch. */
export function removeAllUrl({ resourceId, query }: { resourceId: string; query: string }): string {
  return apiUrl(resourceId, ['actions', 'removeAll'], new URLSearchParams(query))
}

/** Which of these records are gone, and nothing else: cheap enough to be polled. */
export function goneUrl(resourceId: string, recordIds: string[]): string {
  return apiUrl(resourceId, ['bulk', 'remove'], new URLSearchParams({ recordIds: recordIds.join(','), only: 'gone' }))
}

export function loginUrl(): string {
  return new ViewHelpers().loginUrl()
}

/** AdminJS declares a record's id as a string and sends the number from the table. */
export function withTextIds(records: RecordJSON[]): RecordJSON[] {
  return records.map((record) => ({ ...record, id: String(record.id) }))
}
