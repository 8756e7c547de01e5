import { type AccountOptions, checkAccountOptions } from '../shared/accounts.js'
import { checkNoOthers, checkOption, isPath, isText } from '../shared/adapter-options.js'

/** Options of `proftpd`. */
export interface ProftpdOptions extends AccountOptions {
  /**
   * The path of ProFTPD's scoreboard, as `ScoreboardFile` has it in proftpd.conf.
   * @default '/run/proftpd.scoreboard'
   */
  scoreboard?: string
  /**
   * The source's name, unique on its host: give each ProFTPD of a host its own.
   * @default 'proftpd'
   */
  name?: string
  /**
   * Logins that are anonymous: the `User` of each `<Anonymous>` in proftpd.conf, for that is what ProFTPD keeps.
   * @default ['ftp', 'anonymous']
   */
  anonymous?: string[]
  /**
   * The path of `adminjs-sessions-end`, to be run through `sudo -n` where the back office may not signal a session
   * itself. See docs/servers/proftpd.md for the line in sudoers.
   * @example endHelper: '/usr/local/bin/adminjs-sessions-end'
   */
  endHelper?: string
  /**
   * Lets logins and addresses be kept out, through mod_ban and `ftpdctl`: needs `BanEngine on`, `ControlsEngine on` and
   * the right to `ban` and `permit` in `BanControlsACLs`. Without it nobody can be kept out.
   * @example controls: { socket: '/run/proftpd/proftpd.sock' }
   */
  controls?: {
    /** @default 'ftpdctl', found on the PATH */
    ftpdctl?: string
    /** The path that `ControlsSocket` has in proftpd.conf; without it ftpdctl's own default. */
    socket?: string
  }
}

/** The options with their defaults. @throws TypeError that names the option, what it got and what it expects */
export function checkOptions(options: ProftpdOptions) {
  const { scoreboard = '/run/proftpd.scoreboard', name = 'proftpd' } = options
  const { anonymous, accounts, endHelper, controls } = options
  const { ftpdctl = 'ftpdctl', socket } = controls ?? {}
  const check = (option: string, got: unknown, expected: string, right: boolean) =>
    checkOption('proftpd', option, got, expected, right)
  checkNoOthers('proftpd', options, ['scoreboard', 'name', 'anonymous', 'accounts', 'endHelper', 'controls'])
  check('scoreboard', scoreboard, 'an absolute path', isPath(scoreboard))
  check('name', name, 'a text of 1 to 64 characters', isText(name) && name.length <= 64)
  checkAccountOptions('proftpd', options)
  check('endHelper', endHelper, 'an absolute path', endHelper === undefined || isPath(endHelper))
  check('controls', controls, 'an object', controls === undefined || isObject(controls))
  check('controls.ftpdctl', ftpdctl, 'the name or path of a program', isText(ftpdctl))
  check('controls.socket', socket, 'an absolute path', socket === undefined || isPath(socket))
  return {
    scoreboard,
    name,
    anonymous,
    accounts,
    endHelper,
    controls: controls && { ftpdctl, socket },
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
