import { type AccountOptions, checkAccountOptions } from '../shared/accounts.js'
import { checkNoOthers, isText } from '../shared/adapter-options.js'

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
  const { url, name = 'sftpgo', apiKey, username, password } = options
  checkNoOthers('sftpgo', options, ['url', 'name', 'apiKey', 'username', 'password', 'accounts'])
  const base = URL.canParse(url) ? new URL(url) : null
  const bare = base && !base.username && !base.password && !base.search && !base.hash
  check(
    'url',
    bare && /^https?:$/.test(base.protocol),
    "where SFTPGo's web interface is, 'http://127.0.0.1:8080', no login",
  )
  check('name', isText(name) && name.length <= 64, 'a text of 1 to 64 characters')
  checkAccountOptions('sftpgo', options)
  if (apiKey !== undefined) {
    check('apiKey', isText(apiKey) && /^[!-~]+$/.test(apiKey), 'a key as SFTPGo showed it')
    check(
      'password',
      username === undefined && password === undefined,
      'left out, with username, where there is an apiKey',
    )
  } else {
    check('username', isText(username) && !username.includes(':'), 'the name of an administrator, or an apiKey instead')
    check('password', isText(password), "that administrator's password")
  }
  base!.pathname = base!.pathname.replace(/\/*$/, '/')
  return { base: base!, name, logon: { apiKey, username, password } as SftpgoLogon }
}

/** Unlike the check of other sources it does not show what it found: that may be a secret. */
function check(option: string, right: unknown, expected: string): void {
  if (!right) throw new TypeError(`sftpgo: the option \`${option}\` is not what is expected: ${expected}.`)
}
