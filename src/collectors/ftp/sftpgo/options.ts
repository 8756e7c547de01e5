import type { AccountOptions } from '../accounts.js'

/** Options of `sftpgo`. */
export type SftpgoOptions = {
  /**
   * Where SFTPGo's web interface is, without `/api/v2`. Of several nodes any one: it tells of all.
   * @example 'http://127.0.0.1:8080'
   */
  url: string
  /**
   * The source's name, unique on its host: give each SFTPGo, or each cluster of them, its own.
   * @default 'sftpgo'
   */
  name?: string
} & SftpgoLogon &
  Pick<AccountOptions, 'accounts'>

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

/** The options with their defaults. @throws TypeError that names the option and what it expects, never what a secret is */
export function checkOptions(options: SftpgoOptions) {
  const { url, name = 'sftpgo', apiKey, username, password, accounts } = options ?? {}
  const base = URL.canParse(url) ? new URL(url) : null
  if (!base || !/^https?:$/.test(base.protocol) || base.username || base.password || base.search || base.hash) {
    throw wrong('url', "the address of SFTPGo's web interface, like 'http://127.0.0.1:8080', without a login")
  }
  if (!isText(name) || name.length > 64) throw wrong('name', 'a text of 1 to 64 characters')
  if (accounts !== undefined && typeof accounts !== 'function') throw wrong('accounts', 'a function')
  if (apiKey !== undefined && (username !== undefined || password !== undefined)) {
    throw new TypeError('sftpgo: either `apiKey`, or `username` and `password`, not both.')
  }
  if (apiKey !== undefined) {
    if (!isText(apiKey) || !HEADER.test(apiKey)) throw wrong('apiKey', 'a key as SFTPGo showed it')
  } else {
    if (!isText(username) || username.includes(':'))
      throw wrong('username', 'the name of an administrator, or `apiKey`')
    if (!isText(password)) throw wrong('password', "that administrator's password")
  }
  base.pathname = base.pathname.replace(/\/*$/, '/')
  return { base, name, accounts, logon: { apiKey, username, password } as SftpgoLogon }
}

function wrong(option: string, expected: string): TypeError {
  return new TypeError(`sftpgo: the option \`${option}\` is not what was expected: ${expected}.`)
}

/** What a header may hold. */
const HEADER = /^[!-~]+$/
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
