import { z } from 'zod'
import { checkOptions, kindOf, optionsOf, text } from '../../check-options.js'
import type { Trust } from './trusted-connection.js'
import type { PleskLogon } from './xml-api.js'

/** Where a Plesk is, by what it is known, and who asks it. */
export type PleskConnection = {
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
} & PleskLogon

const hexOf = (fingerprint: string) => fingerprint.replaceAll(':', '').toUpperCase()
/** What a header can carry. */
const isHeader = (value: string) => !/\p{Cc}/u.test(value)

const common = {
  url: text("where Plesk is, 'https://plesk.example.com:8443': https: only, no login", isBareHttps),
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

/**
 * Checks options that say which Plesk is asked, and `own` ones beside them. What it finds it does not show: that may be a
 * secret.
 *
 * @param of whose options they are, as the message begins
 */
export function checkConnection<Own extends z.ZodRawShape>(
  of: string,
  options: PleskConnection,
  own: Own,
): { base: URL; trust: Trust; logon: PleskLogon } & z.output<z.ZodObject<Own>> {
  const logonFields = options?.apiKey === undefined ? withPassword : withKey
  const fields = options?.fingerprint === undefined ? logonFields : { ...logonFields, ca: leftOut('a fingerprint') }
  const checked = checkOptions(of, optionsOf({ ...fields, ...own }), options, kindOf)
  const { url, fingerprint, ca, apiKey, login, password, ...rest } = checked as PleskConnection
  const base = new URL(url)
  base.pathname = base.pathname.replace(/\/*$/, '/')
  return {
    ...(rest as z.output<z.ZodObject<Own>>),
    base,
    trust: { ca, fingerprint: fingerprint && hexOf(fingerprint).replace(/..(?=.)/g, '$&:') },
    logon: { apiKey, login, password } as PleskLogon,
  }
}
