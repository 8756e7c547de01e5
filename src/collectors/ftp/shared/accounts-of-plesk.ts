import { decodeName } from '../../../text/decode-name.js'
import { errorOf, type PleskError, readPacket, Unexpected } from '../../panel/plesk/packet.js'
import { escaped } from '../../panel/plesk/xml-api.js'
import type { FtpAccount } from './accounts.js'

/*
 * The packets by which a Plesk is asked whose its FTP logins are, and how its answers are read. Pages are below
 * https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/, schemas in https://github.com/plesk/api-schemas.
 *
 * - `webspace`, `site`: `ftp_login` among the properties of `vrt_hst`. A site is an additional domain or a subdomain: the
 *   main domain of a subscription is told by `webspace` alone (managing-sites-domains/getting-information-about-sites.66583).
 *   In that page's sample a subdomain has its subscription's own login: whose that is, the subscription says.
 * - `subdomain`: which sites are subdomains (managing-subdomains/retrieving-information-on-subdomains.53501).
 * - `ftp-user`: additional accounts, by `name` and `webspace-id`
 *   (managing-ftp-accounts/retrieving-information-on-ftp-accounts.35233).
 * - `webuser`: its filter may not be empty, and what it was filtered by is in each result as `filter-id`; nothing else of
 *   a site is told (schema 1.6.9.0). Obsidian does not have it any more (schema 1.6.9.1), and may refuse a packet as a
 *   whole that has: so it is a packet of its own (managing-web-users/retrieving-web-users-settings.34183, of Onyx).
 *
 * A packet may have several operators, and each has results of its own (`packet` in the schema is a choice, unbounded).
 */

export type Operator = 'webspace' | 'site' | 'subdomain' | 'ftp-user' | 'webuser'

export const operatorsOfAccounts = [
  ...(['webspace', 'site'] as const).map((name) => get(name, '<filter/><dataset><gen_info/><hosting/></dataset>')),
  ...(['subdomain', 'ftp-user'] as const).map((name) => get(name, '<filter/>')),
].join('')

export const operatorsOfWebUsers = (sites: string[]) =>
  get('webuser', `<filter>${sites.map((site) => `<site-name>${escaped(site)}</site-name>`).join('')}</filter>`)

function get(operator: Operator, inside: string): string {
  return `<${operator}><get>${inside}</get></${operator}>`
}

/** What Plesk told by one operator. */
export interface Told {
  /** Of each thing what is of use here, by the path in its `result`. Nothing else is kept, no password above all. */
  things: ReadonlyMap<string, string>[]
  /** Why it did not tell more of them; null where that was all. */
  error: PleskError | null
}

/** What is of use, by the path in a `result`. A hosting's login is at `login`, and so is whoever else logs in by one. */
const used = new Map([
  ['id', 'id'],
  ['filter-id', 'filter-id'],
  ['name', 'login'],
  ['login', 'login'],
  ['webspace-id', 'webspace-id'],
  ['data/gen_info/name', 'name'],
  ['data/name', 'name'],
  ['data/parent', 'parent'],
])
const property = 'data/hosting/vrt_hst/property/'

/**
 * Reads what Plesk tells by some operators.
 *
 * @returns `error`: why it told nothing at all
 * @throws where it is no packet; the signal's reason when it is aborted
 */
export async function toldIn(
  xml: readonly Buffer[],
  operators: Operator[],
  signal: AbortSignal,
): Promise<{ error: PleskError | null; told: Map<Operator, Told> }> {
  const told = new Map<Operator, Told>()
  let system: PleskError | null = null
  let thing = new Map<string, string>()
  let said = new Map<string, string>()
  let propertyName = ''
  await readPacket(xml, signal, (path, text) => {
    const [, root, operator, operation, result, ...rest] = path.split('/') as (string | undefined)[]
    if (root !== 'packet') return
    if (operator === 'system') {
      if (operation === undefined) system = said.get('status') === 'error' ? errorOf(said) : system
      else if (result === undefined) said.set(operation, text.trim())
      return
    }
    const name = operators.find((one) => one === operator)
    if (name === undefined || operation !== 'get') return
    // There may be no result at all, where there is nothing of the kind.
    const answer = told.get(name) ?? { things: [], error: null }
    told.set(name, answer)
    if (result !== 'result') return
    const field = rest.join('/')
    if (field === '') {
      if (said.get('status') === 'ok') answer.things.push(thing)
      else if (said.get('errcode') !== nothingThere) answer.error ??= errorIn(said)
      thing = new Map()
      said = new Map()
    } else if (field === 'status' || field === 'errcode' || field === 'errtext') said.set(field, text.trim())
    else if (field === `${property}name`) propertyName = text.trim()
    else if (field === `${property}value` && propertyName === 'ftp_login') thing.set('login', text)
    else {
      const use = used.get(field)
      if (use !== undefined) thing.set(use, use === 'login' ? text : text.trim())
    }
  })
  const missing = operators.find((operator) => !told.has(operator))
  if (system === null && missing !== undefined) throw new Unexpected(`it says nothing of ${missing}`)
  return { error: system, told }
}

/** "Object does not exist": of a domain without web users, for instance. */
const nothingThere = '1013'

function errorIn(said: ReadonlyMap<string, string>): PleskError {
  const status = said.get('status')
  if (status === 'error') return errorOf(said)
  return { code: null, text: status === undefined ? 'no status' : `status ${status}` }
}

/** The names of all domains that Plesk told of. */
export const domainsIn = (told: ReadonlyMap<Operator, Told>): string[] => [
  ...new Set([...thingsOf(told, 'webspace'), ...thingsOf(told, 'site')].flatMap((thing) => thing.get('name') || [])),
]

const thingsOf = (told: ReadonlyMap<Operator, Told>, operator: Operator) => told.get(operator)?.things ?? []

/**
 * Whose each login is that Plesk told of for sure. One that it has in two places is not among them: it would be a guess.
 * A generator, so that whoever drives it can let the event loop go at its pauses: there are thousands of logins.
 */
export function* accountsOf(told: ReadonlyMap<Operator, Told>): Generator<void, Map<string, FtpAccount>> {
  const accounts = new Map<string, FtpAccount>()
  const contradicted = new Set<string>()
  const add = (type: FtpAccount['type'], said: string | undefined, domain: string | undefined) => {
    if (!said || !domain) return
    const login = shown(said)
    const account = { type, domain: shown(domain) }
    const before = accounts.get(login)
    if (before && (before.type !== type || before.domain !== account.domain)) contradicted.add(login)
    accounts.set(login, account)
  }

  const webspaces = thingsOf(told, 'webspace')
  const domains = new Map<string | undefined, string | undefined>()
  for (const webspace of webspaces) {
    domains.set(webspace.get('id'), webspace.get('name'))
    add('domain-user', webspace.get('login'), webspace.get('name'))
    yield
  }
  for (const user of thingsOf(told, 'ftp-user')) {
    add('domain-user', user.get('login'), domains.get(user.get('webspace-id')))
    yield
  }
  for (const user of thingsOf(told, 'webuser')) {
    add('web-user', user.get('login'), user.get('filter-id'))
    yield
  }

  // Only who knows all subscriptions knows that a site's login is not one of theirs; and all subdomains, what a site is.
  if (told.get('webspace')?.error === null && told.get('subdomain')?.error === null) {
    const shared = new Set(webspaces.map((webspace) => webspace.get('login')))
    const subdomains = new Set(
      thingsOf(told, 'subdomain').flatMap((one) => [one.get('name'), `${one.get('name')}.${one.get('parent')}`]),
    )
    for (const site of thingsOf(told, 'site')) {
      yield
      if (shared.has(site.get('login'))) continue
      add(subdomains.has(site.get('name')) ? 'subdomain-user' : 'domain-user', site.get('login'), site.get('name'))
    }
  }
  for (const login of contradicted) accounts.delete(login)
  return accounts
}

/** As the sources of FTP servers show a login. */
const shown = (text: string) => decodeName(Buffer.from(text))
