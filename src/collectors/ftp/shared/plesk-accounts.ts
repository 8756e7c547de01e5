import { messageOf } from '../../../text/error-message.js'
import { lettingGo } from '../../../timing/event-loop.js'
import { checkConnection, type PleskConnection } from '../../panel/plesk/connection-options.js'
import { pleskApi, PleskRefusal } from '../../panel/plesk/xml-api.js'
import type { FtpAccount, FtpAccounts } from './accounts.js'
import {
  accountsOf,
  domainsIn,
  type Operator,
  operatorsOfAccounts,
  operatorsOfWebUsers,
  type Told,
  toldIn,
} from './accounts-of-plesk.js'

/** What Plesk told is good for so long, in ms; and it is not asked more often. */
const goodFor = 60_000
/** The first look at an FTP server waits so long for Plesk, in ms: who looks only once is to see it as well. */
const firstWait = 1_000
/** Plesk goes through all domains, in ms. */
const answersWithin = 30_000
/** A hosting has some fifty properties, in 4 KiB: this is room for eight thousand domains. */
const longest = 32 << 20

/** What Plesk says no with where a packet has an operator that it does not know. */
const notInThisVersion = new Set<number | null>([1005, 1014, 1017])
// managing-ftp-accounts.35213 has ftp-user since then.
const report = 'its XML API does not know one of these, though Plesk 10.4 does: update it, or report its version.'
const advice = new Map<number | null, string>([
  [1006, 'it tells all of them to its administrator alone. Give his login, or a key that was made for him.'],
  ...[...notInThisVersion].map((code) => [code, report] as const),
])

/**
 * Whose the logins of a Plesk's FTP server are, over its XML API: for the option `accounts` of the source that lists
 * them. See docs/plesk.md.
 *
 * It asks in the background, at most once a minute, and only while somebody is there whose account is not known or has
 * been known for longer. A login that Plesk does not tell of has no type and no domain. While Plesk can't be asked, what
 * was known last is shown, and the source warns.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * proftpd({ accounts: pleskAccounts({ url: 'https://127.0.0.1:8443', apiKey: process.env.PLESK_API_KEY! }) })
 * @see https://docs.plesk.com/en-US/obsidian/api-rpc/about-xml-api/reference/managing-ftp-accounts/retrieving-information-on-ftp-accounts.35233
 */
export function pleskAccounts(options: PleskConnection): FtpAccounts {
  const { base, trust, logon } = checkConnection('pleskAccounts', options, {})
  const api = pleskApi(base, logon, trust, { longest, isBackground: true })
  let known = new Map<string, FtpAccount>()
  let warnings: string[] = []
  let askedAtMs = -Infinity
  let asking: Promise<void> | null = null
  let first: Promise<void> | null = null
  let hasWebUsers = true

  /** What some operators tell. */
  const ask = (what: string, operators: string, names: Operator[], signal: AbortSignal) =>
    api.ask({ what, operators, advice, read: (xml, signal) => toldIn(xml, names, signal) }, signal)

  /** Adds web users to what was told. Without them all the rest is as true. */
  async function addWebUsers(told: Map<Operator, Told>, signal: AbortSignal): Promise<string[]> {
    const domains = domainsIn(told)
    if (!hasWebUsers || domains.length === 0) return []
    try {
      const answer = await ask('its web users', operatorsOfWebUsers(domains), ['webuser'], signal)
      told.set('webuser', answer.told.get('webuser')!)
      return []
    } catch (error) {
      hasWebUsers = !(error instanceof PleskRefusal && notInThisVersion.has(error.code))
      return hasWebUsers ? [`${messageOf(error)} ${theirs}`] : []
    }
  }

  async function readAll(signal: AbortSignal): Promise<void> {
    const operators = ['webspace', 'site', 'subdomain', 'ftp-user'] as const
    const { told } = await ask('its FTP accounts', operatorsOfAccounts, [...operators], signal)
    const ofWebUsers = await addWebUsers(told, signal)
    known = await lettingGo(accountsOf(told))
    const refused = [...told].flatMap(([operator, { error }]) =>
      error ? api.refusalOf({ what: `a part of its FTP accounts, by ${operator}`, advice }, error) : [],
    )
    warnings = [...refused.map(({ message }) => `${message} ${theirs}`), ...ofWebUsers]
  }

  /** Never fails. */
  async function look(): Promise<void> {
    askedAtMs = Date.now()
    const limit = new AbortController()
    const late = new Error(`Plesk's answer did not come within ${answersWithin / 1000} s.`)
    const timer = setTimeout(() => limit.abort(late), answersWithin).unref()
    try {
      await readAll(limit.signal)
    } catch (error) {
      warnings = [`Type and Domain of FTP sessions are empty, or as last known: ${messageOf(error)}`]
    }
    clearTimeout(timer)
    asking = null
  }

  function accounts(login: string): FtpAccount | Promise<FtpAccount> {
    const account = () => (asking ? null : known.get(login)) ?? notKnown
    // Not by what is later alone: a clock may be set back.
    if (Math.abs(Date.now() - askedAtMs) >= goodFor) asking ??= look()
    if (!asking) return account()
    first ??= noLonger(asking, firstWait)
    return first.then(account)
  }
  return Object.assign(accounts, { warnings: () => warnings })
}

/** What a warning of accounts that were not told says of them. */
const theirs = 'Type and Domain of their sessions are empty.'
const notKnown: FtpAccount = { type: null }

/** Waits for something that never fails, and no longer than so many ms. */
function noLonger(wait: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    void wait.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
