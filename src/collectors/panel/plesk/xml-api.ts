import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { decodeName } from '../../../text/decode-name.js'
import { inEnglish, type Said, type Saying } from '../../../text/said.js'
import { whyUnheard } from '../../why-unheard.js'
import { type Answer, answerIn, type Operation } from './answer.js'
import type { PleskError } from './packet.js'
import { type Trust, trustedConnection } from './trusted-connection.js'

/** A secret key of the XML API, or the Plesk administrator's login and password. */
export type PleskLogon =
  | {
      /** A key that `plesk bin secret_key` has made; it works from the address alone that it was made for. */
      apiKey: string
      login?: never
      password?: never
    }
  | {
      /** The administrator's login. */
      login: string
      password: string
      apiKey?: never
    }

/** What Plesk is asked, by one packet, and how its answer is read. */
export interface Question<A extends { error: PleskError | null }> {
  /** What is asked for, as the sentence has it that Plesk refused. */
  what: string
  /** The operators in the packet, as XML. */
  operators: string
  /** What of it no message may show, should Plesk repeat it. */
  secret?: string | null
  /** What to do about codes that have a meaning of their own here. */
  advice: ReadonlyMap<number | null, Saying>
  /** @param xml its bytes, in pieces as they came */
  read(xml: readonly Buffer[], signal: AbortSignal): Promise<A>
}

/** Speaks to one Plesk. */
export interface PleskApi {
  /** @throws PleskRefusal where Plesk says no; another error where it could not be asked, or its answer not be read */
  ask<A extends { error: PleskError | null }>(question: Question<A>, signal: AbortSignal): Promise<A>
  /** Says that Plesk has refused something, and what to do. */
  refusalOf(
    question: Pick<Question<never>, 'what' | 'advice'> & { secret?: string | null },
    error: PleskError,
  ): PleskRefusal
}

/** Plesk's own word that it does not do what it was asked. */
export class PleskRefusal extends Error {
  constructor(
    /** What was asked for, as the sentence has it. */
    what: string,
    /** Plesk's error code; null where it gave none. */
    readonly code: number | null,
    /** Its code and its own words. */
    readonly answer: string,
    /** What to do. */
    readonly todo: Saying,
  ) {
    super(`Plesk refused ${what} (${answer}): ${inEnglish([todo])}`)
  }
}

/** After a password was refused, ms until it is tried again: Plesk has a locked login (1012) for who fails too often. */
const againAfter = 300_000

/**
 * Speaks to Plesk's XML API. No secret and no session id is in what it throws, also not where Plesk repeats one.
 *
 * @param longest of an answer, in bytes
 * @param isBackground whether a request that is under way lets the process end
 * @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-sessions.40398
 */
export function pleskApi(
  base: URL,
  logon: PleskLogon,
  trust: Trust,
  { longest, isBackground = false }: { longest: number; isBackground?: boolean },
): PleskApi {
  const url = new URL('enterprise/control/agent.php', base)
  let refused: { error: PleskRefusal; untilMs: number } | null = null

  function refusalOf({ what, advice, secret }: Parameters<PleskApi['refusalOf']>[0], { code, text }: PleskError) {
    const secrets = [logon.apiKey, logon.password, secret]
    let words = text
    for (const secret of secrets) if (secret) words = words.replaceAll(secret, '…')
    const said = words === '' ? '' : `, "${decodeName(Buffer.from(words.slice(0, 200)))}"`
    const todo = advice.get(code) ?? whatToDo.get(code) ?? 'see its panel.log.'
    return new PleskRefusal(what, code, `${code ?? 'without a code'}${said}`, todo)
  }

  return {
    refusalOf,
    async ask(question, signal) {
      if (refused && Date.now() < refused.untilMs) throw refused.error
      const response = await post(url, headersOf(logon), packetOf(question), { trust, longest, isBackground }, signal)
      expectOk(response, url)
      const answer = await question.read(response.pieces, signal)
      if (answer.error === null) {
        refused = null
        return answer
      }
      const refusal = refusalOf(question, answer.error)
      if (answer.error.code === wrongPassword) refused = { error: refusal, untilMs: Date.now() + againAfter }
      throw refusal
    },
  }
}

/** An operation on sessions: all of them, or the one with this id. */
export function ofSessions(operation: Operation, sessionId: string | null): Question<Answer> {
  const inside =
    sessionId === null
      ? `<${operation}/>`
      : `<${operation}><session-id>${escaped(sessionId)}</session-id></${operation}>`
  return {
    what: operation === 'get' ? 'its sessions' : 'to end the session',
    operators: `<session>${inside}</session>`,
    secret: sessionId,
    advice: sessionAdvice,
    read: (xml, signal) => answerIn(xml, operation, signal),
  }
}

const tooOld = 'Sessions can be asked for since Plesk 12.0 (XML API 1.6.6.0): update Plesk.'
const sessionAdvice = new Map<number | null, Saying>([
  [1005, tooOld],
  [1006, { key: 'pleskAdministrator' }],
  [1014, tooOld],
  [1017, tooOld],
])

/** `version` is left out: Plesk takes it for its own then. */
const packetOf = ({ operators }: Pick<Question<never>, 'operators'>) =>
  `<?xml version="1.0" encoding="UTF-8"?><packet>${operators}</packet>`

/** A text, as it stands in XML. */
export const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

function headersOf({ apiKey, login, password }: PleskLogon): Record<string, string> {
  // Node writes a header as ISO 8859-1: what is beyond goes as its bytes of UTF-8.
  const bytes = (text: string) => Buffer.from(text).toString('latin1')
  return {
    'content-type': 'text/xml',
    ...(apiKey !== undefined ? { KEY: apiKey } : { HTTP_AUTH_LOGIN: bytes(login), HTTP_AUTH_PASSWD: bytes(password) }),
  }
}

const wrongPassword = 1001
/** @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/error-codes/reduced-list-of-error-codes.33765 */
const whatToDo = new Map<number | null, Said>([
  [wrongPassword, { key: 'pleskPassword' }],
  [1010, { key: 'pleskAddress' }],
  [1011, { key: 'pleskAccount' }],
  [1012, { key: 'pleskLocked' }],
  [11003, { key: 'pleskKey' }],
])

function expectOk({ status }: Response, url: URL): void {
  if (status === 200) return
  const why = `HTTP ${status}`
  if (status >= 300 && status < 400) {
    throw new Error(
      `${url.origin} redirects elsewhere (${why}), which is not followed, as the key or password would go along: give ` +
        'the final address as url.',
    )
  }
  if (status === 401 || status === 403) {
    throw new Error(
      `Plesk does not let this machine use its API (${why}): in its panel.ini, under [api], enabled must not be off, and ` +
        "allowedIPs, if it is there, must have this machine's address.",
    )
  }
  if (status === 404) throw new Error(`There is no XML API at ${url.href} (${why}): is it Plesk, and is the url right?`)
  if (status >= 500) throw new Error(`Plesk, or a proxy before it, failed (${why}): see its panel.log.`)
  throw new Error(`${url.origin} answered with ${why}, where 200 was expected: is it Plesk?`)
}

interface Response {
  status: number
  pieces: Buffer[]
}

/** One request and its whole answer, whatever its status; a redirect is not followed. */
async function post(
  url: URL,
  headers: Record<string, string>,
  body: string,
  { trust, longest, isBackground }: { trust: Trust; longest: number; isBackground: boolean },
  signal: AbortSignal,
): Promise<Response> {
  try {
    // One for each request: what is judged once is not kept for later.
    const socket = await trustedConnection(url, trust, signal, isBackground)
    try {
      const request = httpsRequest(url, { method: 'POST', headers, signal, createConnection: () => socket })
      const answered = once(request, 'response') as Promise<[IncomingMessage]>
      // What happens after the response is told by the response. A body that is text would take the headers into its own
      // encoding.
      request.on('error', () => {}).end(Buffer.from(body))
      const [response] = await answered
      return { status: response.statusCode!, pieces: await piecesOf(response, url, longest) }
    } finally {
      socket.destroy()
    }
  } catch (error) {
    signal.throwIfAborted()
    const cause = error as NodeJS.ErrnoException
    throw cause.code === undefined ? error : new Error(whyUnheard(url.origin, 'Plesk', cause), { cause })
  }
}

async function piecesOf(response: IncomingMessage, { origin }: URL, longest: number): Promise<Buffer[]> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.byteLength
    if (length > longest) throw new Error(`${origin} answered with more than ${longest >> 20} MiB: that is too much.`)
    pieces.push(piece)
  }
  return pieces
}
