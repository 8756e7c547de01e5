import { type AccountOptions, checkAccountOptions } from '../shared/accounts.js'
import { checkNoOthers, checkOption, isPath, isText } from '../shared/adapter-options.js'

/** Options of `pureFtpd`. */
export interface PureFtpdOptions extends AccountOptions {
  /**
   * The source's name, unique on its host.
   * @default 'pure-ftpd'
   */
  name?: string
  /**
   * The path of pure-ftpwho, which comes with Pure-FTPd. A back office that is not root runs it through `sudo -n`: see
   * docs/servers/pure-ftpd.md for the line in sudoers.
   * @default '/usr/sbin/pure-ftpwho'
   */
  program?: string
  /**
   * Whether inetd or systemd starts Pure-FTPd for each connection. Then that nothing of it runs means that there are no
   * sessions; otherwise, that it has failed.
   * @default false
   */
  inetd?: boolean
  /**
   * The path of `adminjs-sessions-end`, to be run through `sudo -n` where the back office may not signal a session
   * itself. See docs/servers/pure-ftpd.md for the line in sudoers.
   * @example endHelper: '/usr/local/bin/adminjs-sessions-end'
   */
  endHelper?: string
}

/** The options with their defaults. @throws TypeError that names the option, what it got and what it expects */
export function checkOptions(options: PureFtpdOptions) {
  const source = 'pureFtpd'
  const { name = 'pure-ftpd', program = '/usr/sbin/pure-ftpwho', inetd = false, endHelper } = options
  checkNoOthers(source, options, ['name', 'program', 'inetd', 'endHelper', 'anonymous', 'accounts'])
  checkOption(source, 'name', name, 'a text of 1 to 64 characters', isText(name) && name.length <= 64)
  checkOption(source, 'program', program, 'an absolute path', isPath(program))
  checkOption(source, 'inetd', inetd, 'true or false', typeof inetd === 'boolean')
  checkOption(source, 'endHelper', endHelper, 'an absolute path', endHelper === undefined || isPath(endHelper))
  checkAccountOptions(source, options)
  return { name, program, inetd, endHelper }
}
