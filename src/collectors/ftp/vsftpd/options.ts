import { type AccountOptions, checkAccountOptions } from '../shared/accounts.js'
import { checkNoOthers, checkOption, isPath, isText } from '../shared/adapter-options.js'

/** Options of `vsftpd`. */
export interface VsftpdOptions extends AccountOptions {
  /**
   * The source's name, unique on its host.
   * @default 'vsftpd'
   */
  name?: string
  /**
   * The path of `adminjs-sessions-end`, to be run through `sudo -n` where the back office may not signal a session
   * itself. See docs/servers/vsftpd.md for the line in sudoers.
   * @example endHelper: '/usr/local/bin/adminjs-sessions-end'
   */
  endHelper?: string
}

/** The options with their defaults. @throws TypeError that names the option, what it got and what it expects */
export function checkOptions(options: VsftpdOptions) {
  const source = 'vsftpd'
  const { name = 'vsftpd', endHelper } = options
  checkNoOthers(source, options, ['name', 'endHelper', 'anonymous', 'accounts'])
  checkOption(source, 'name', name, 'a text of 1 to 64 characters', isText(name) && name.length <= 64)
  checkOption(source, 'endHelper', endHelper, 'an absolute path', endHelper === undefined || isPath(endHelper))
  checkAccountOptions(source, options)
  return { name, endHelper }
}
