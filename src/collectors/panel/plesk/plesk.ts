import { z } from 'zod'
import { type ListedPanelSession, type PanelSource, RemovalRefused } from '../../../session-source.js'
import { checkOptions, kindOf, optionsOf, sourceName, text } from '../../check-options.js'
import { isZone } from '../../ftp/log/log-time.js'
import { fieldsOf } from './entry-fields.js'
import type { Trust } from './trusted-connection.js'
import { pleskApi, type PleskLogon, PleskRefusal } from './xml-api.js'
import { sessionKey } from '../session-key.js'

export type { PleskLogon } from './xml-api.js'

/** Options of `plesk`. */
export type PleskOptions = {
  /**
   * Where Plesk is, as a browser opens it. Always https: the key or password goes along with each request.
   * @example 'https://plesk.example.com:8443'
   */
  url: string
  /**
   * The SHA-256 of Plesk's own certificate, where nobody vouches for it. It is compared in each connection before
   * anything is sent, and nothing else of the certificate counts then: neither its issuer nor its name nor its age.
   * Default: the certificate must be of an issuer that Node or `ca` trusts, and for the name in `url`.
   *
   * @example
   * // On the Plesk server: openssl s_client -connect 127.0.0.1:8443 </dev/null | openssl x509 -noout -fingerprint -sha256
   * fingerprint: '3F:A1:…:07'
   */
  fingerprint?: string
  /**
   * Certificates of the issuers to trust, in PEM, in the place of those that Node trusts. Default: Node's.
   *
   * @example
   * ca: readFileSync('/etc/ssl/our-ca.pem', 'utf8')
   */
  ca?: string
  /**
   * The zone of Plesk's clock, for times that do not say theirs, as in Plesk's documentation. Default: none; such times
   * are unknown then, and the page says so.
   * @example 'Europe/Berlin'
   */
  timeZone?: string
  /**
   * The source's name, unique on its host: give each Plesk its own.
   * @default 'plesk'
   */
  name?: string
} & PleskLogon

const hexOf = (fingerprint: string) => fingerprint.replaceAll(':', '').toUpperCase()
/** What a header can carry. */
const isHeader = (value: string) => !/\p{Cc}/u.test(value)

const common = {
  url: text("where Plesk is, 'https://plesk.example.com:8443': https: only, no login", isBareHttps),
  name: sourceName.default('plesk'),
  timeZone: text("an IANA zone such as 'Europe/Berlin'", isZone).optional(),
  fingerprint: text("the SHA-256 of Plesk's certificate, 64 hex digits with or without colons", (one) =>
    /^[0-9A-F]{64}$/.test(hexOf(one)),
  ).optional(),
  ca: text('certificates in PEM, with their -----BEGIN CERTIFICATE-----', (pem) =>
    pem.includes('-----BEGIN CERTIFICATE-----'),
  ).optional(),
}
const leftOut = (where: string) => z.undefined({ error: `to be left out where there is ${where}` }).optional()

const withKey = {
  ...common,
  apiKey: text('a key as plesk bin secret_key has made it', (key) => /^[!-~]+$/.test(key)),
  login: leftOut('an apiKey'),
  password: leftOut('an apiKey'),
}
const withPassword = {
  ...common,
  apiKey: z.undefined().optional(),
  login: text("the Plesk administrator's login, or an apiKey instead", isHeader),
  password: text("the Plesk administrator's password", isHeader),
}

function isBareHttps(url: string): boolean {
  const { protocol, username, password, search, hash } = URL.canParse(url) ? new URL(url) : { protocol: '' }
  return protocol === 'https:' && !username && !password && !search && !hash
}

/** What it finds it does not show: that may be a secret. */
function checked(options: PleskOptions) {
  const fields = options?.apiKey === undefined ? withPassword : withKey
  const shape = optionsOf(options?.fingerprint === undefined ? fields : { ...fields, ca: leftOut('a fingerprint') })
  const { url, name, timeZone, fingerprint, ca, ...logon } = checkOptions('plesk', shape, options, kindOf)
  const base = new URL(url)
  base.pathname = base.pathname.replace(/\/*$/, '/')
  const trust: Trust = { ca, fingerprint: fingerprint && hexOf(fingerprint).replace(/..(?=.)/g, '$&:') }
  return { base, name, timeZone, trust, logon: logon as PleskLogon }
}

/** What Plesk says no with where it is not allowed, and not where it fails. */
const notAllowed = new Set<number | null>([1001, 1006, 1010, 1011, 1012, 11003])
/** "Session does not exist" */
const gone = 1013

/**
 * Who is logged in to a Plesk, over its XML API: what its own page of active sessions shows. See docs/plesk.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * plesk({ url: 'https://plesk.example.com:8443', apiKey: process.env.PLESK_API_KEY! })
 * @example
 * plesk({ url: 'https://192.0.2.1:8443', login: 'admin', password: process.env.PLESK_PASSWORD!, fingerprint: '3F:A1:…' })
 * @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-sessions.40398
 */
export function plesk(options: PleskOptions): PanelSource {
  const { base, name, timeZone, trust, logon } = checked(options)
  const ask = pleskApi(base, logon, trust)
  let doubts = new Set<string>()

  async function list(signal: AbortSignal): Promise<ListedPanelSession[]> {
    const entries = await ask('get', null, signal)
    const sessions = new Map<string, ListedPanelSession>()
    // One doubt of each kind is enough, and what Plesk said differs in each.
    const kinds = new Map<string, string>()
    for (const entry of entries) {
      const id = entry.get('id')!
      const { fields, doubt } = fieldsOf(entry, timeZone)
      const key = sessionKey(id)
      sessions.set(key, { key, handle: id, ...fields })
      if (doubt !== null) kinds.set(doubt.replace(/".*"/, ''), doubt)
    }
    doubts = new Set(kinds.values())
    return [...sessions.values()]
  }

  async function end(
    { key, login, handle }: ListedPanelSession,
    signal: AbortSignal,
    fresh: () => Promise<ListedPanelSession[]>,
  ): Promise<'asked' | 'already-gone'> {
    signal.throwIfAborted()
    // One that is not in it may be newer than that list; whether it has gone Plesk tells when it is asked to end it.
    const found = (await fresh()).find((session) => session.key === key)
    if (found && found.login !== login) {
      throw new RemovalRefused('It is no longer the session that was listed: another login has it. Look again.')
    }
    try {
      await ask('terminate', handle as string, signal)
      return 'asked'
    } catch (error) {
      if (!(error instanceof PleskRefusal)) throw error
      if (error.code === gone) return 'already-gone'
      throw notAllowed.has(error.code) ? new RemovalRefused(error.message) : error
    }
  }

  return {
    ...{ name, kind: 'panel', evidence: 'live', list, end },
    warnings: () => [...doubts],
    endsBy: 'session/terminate of its id through the XML API.',
  }
}
