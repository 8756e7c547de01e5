import { decodeName } from '../../../text/decode-name.js'
import { whyUnheard } from '../../why-unheard.js'

/** An API key of an administrator, or an administrator's own name and password. */
export type SftpgoLogon =
  | {
      /** As SFTPGo showed it; with `.administrator` at its end where the key is bound to none. */
      apiKey: string
      username?: never
      password?: never
    }
  | {
      /** An administrator without two-factor authentication: a program has no second factor. */
      username: string
      password: string
      apiKey?: never
    }

/** One request to SFTPGo's REST API; a token that has run out is renewed on the way. */
export type SftpgoApi = (method: 'GET' | 'DELETE', path: string, signal: AbortSignal) => Promise<Answer>

/** After a password was refused, ms until it is tried again: SFTPGo's defender bans an address for too many of these. */
const againAfter = 300_000

/**
 * Speaks to `{base}api/v2`, by an API key or by a token. Never names a secret, also not where SFTPGo repeats it.
 * @see https://github.com/drakkan/sftpgo/blob/main/openapi/openapi.yaml securitySchemes, /token
 */
export function sftpgoApi(base: URL, logon: SftpgoLogon): SftpgoApi {
  const at = (path: string) => new URL(`api/v2/${path}`, base)
  let token: string | null = null
  let refused: { error: Error; untilMs: number } | null = null

  async function logOn(signal: AbortSignal): Promise<string> {
    if (refused && Date.now() < refused.untilMs) throw refused.error
    const { username, password } = logon
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
    const answer = await exchange(at('token'), { method: 'GET', headers: { authorization } }, signal)
    if (answer.status === 401 || answer.status === 403) {
      const error = new Error(
        `SFTPGo does not let the administrator ${username} in (HTTP ${answer.status}${saying(answer, logon)}). Check the ` +
          'password, the addresses that this administrator may come from, and that no second factor is asked for: a ' +
          'program has none, so use an API key then. It is tried again after five minutes, as SFTPGo bans who fails often.',
      )
      refused = { error, untilMs: Date.now() + againAfter }
      throw error
    }
    const { access_token } = jsonOf(expectOk(answer, 'a token', base, logon), base) as { access_token?: unknown }
    if (typeof access_token !== 'string' || access_token === '') {
      throw new Error(`${base.href} gave no access_token where SFTPGo would: is it SFTPGo, of version 2.2 or later?`)
    }
    return access_token
  }

  return async function request(method, path, signal) {
    if (logon.apiKey !== undefined) {
      return exchange(at(path), { method, headers: { 'X-SFTPGO-API-KEY': logon.apiKey } }, signal)
    }
    const used = (token ??= await logOn(signal))
    const answer = await exchange(at(path), { method, headers: { authorization: `Bearer ${used}` } }, signal)
    if (answer.status !== 401) return answer
    // It has run out, or SFTPGo was restarted.
    if (token === used) token = null
    token ??= await logOn(signal)
    return exchange(at(path), { method, headers: { authorization: `Bearer ${token}` } }, signal)
  }
}

/** The answer if it is a good one. @throws an error that says what kept `what` from being had, and what to do */
export function expectOk(answer: Answer, what: string, base: URL, logon: SftpgoLogon): Answer {
  const { status } = answer
  if (status === 200) return answer
  const why = `HTTP ${status}${saying(answer, logon)}`
  if (status === 400 && answer.text.includes('HTTPS server')) {
    throw new Error(`${base.origin} wants TLS (${why}): write https:// in the url.`)
  }
  if (logon.apiKey !== undefined && (status === 400 || status === 401)) {
    throw new Error(
      `SFTPGo does not accept the API key (${why}). Check that it is whole, in force and of the scope "admin", that it ` +
        'names its administrator, and that this one may use API keys.',
    )
  }
  if (status === 401) throw new Error(`SFTPGo does not accept the token that it has just given (${why}): see its log.`)
  if (status === 403) throw new Error(`SFTPGo refuses ${what} (${why}).`)
  if (status === 404) {
    throw new Error(
      `There is no REST API at ${base.href} (${why}): is that the address of SFTPGo's web interface, without /api/v2, ` +
        'and is enable_rest_api on for it?',
    )
  }
  if (status === 429) throw new Error(`SFTPGo is asked too often (${why}): raise pollEvery, or its rate limit.`)
  if (answer.location !== null) {
    throw new Error(`${base.href} redirects elsewhere (${why}), which is not followed: give the final address as url.`)
  }
  if (status >= 500) throw new Error(`SFTPGo, or a proxy before it, failed at ${what} (${why}): see its log.`)
  throw new Error(`${base.href} answered ${what} with ${why}, where 200 was expected: is it SFTPGo?`)
}

/** What an answer says. @throws where it is no JSON: another program's page, most likely */
export function jsonOf({ type, text }: Answer, base: URL): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const shown = JSON.stringify(decodeName(Buffer.from(text.slice(0, 60))))
    throw new Error(
      `${base.href} answered with ${type || 'something'} that begins with ${shown}, where JSON was expected: ` +
        'is it SFTPGo, and no page of a proxy before it?',
    )
  }
}

/** SFTPGo's own words on it, where it has any: `{"message": …, "error": …}`. */
function saying({ text }: Answer, { apiKey, password }: SftpgoLogon): string {
  let words: string
  try {
    const { error, message } = JSON.parse(text) as Record<string, unknown>
    words = [error, message].filter((one) => typeof one === 'string' && one !== '').join('; ')
  } catch {
    words = text
  }
  for (const secret of [apiKey, password]) if (secret) words = words.replaceAll(secret, '…')
  return words === '' ? '' : `, "${decodeName(Buffer.from(words.slice(0, 200).trim()))}"`
}

/** What a server answered: its status and its text, of at most 16 MiB. */
export interface Answer {
  status: number
  /** The content type, without parameters; '' where there is none. */
  type: string
  /** Where it redirects to; null where it does not. A redirect is not followed: it would take the key along to a stranger. */
  location: string | null
  text: string
}

const LONGEST = 16 << 20

/**
 * One HTTP request and its whole answer, whatever its status.
 *
 * @throws the signal's reason when it is aborted; an error that says why the server could not be heard
 */
async function exchange(
  url: URL,
  init: { method: string; headers: Record<string, string> },
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal, redirect: 'manual' })
    const type = response.headers.get('content-type')?.split(';')[0]!.trim() ?? ''
    const location = response.headers.get('location')
    return { status: response.status, type, location, text: await textOf(response, url) }
  } catch (error) {
    signal.throwIfAborted()
    // fetch says no more than "fetch failed"; its cause says why.
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    throw cause ? new Error(unheard(url.origin, cause), { cause }) : error
  }
}

async function textOf(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > LONGEST) throw new Error(`${url.origin} answered with more than 16 MiB, which cannot be meant.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function unheard(origin: string, cause: NodeJS.ErrnoException): string {
  const { code = '' } = cause
  if (/CERT|SIGNED|ALTNAME|VERIFY/.test(code)) {
    return `The certificate of ${origin} is not trusted (${code}): let Node know who issued it, NODE_EXTRA_CA_CERTS=ca.pem.`
  }
  return whyUnheard(origin, 'SFTPGo', cause)
}
