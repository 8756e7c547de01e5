import { type AccountOptions, checkAccountOptions } from '../accounts.js'
import { checkNoOthers, checkOption, isText } from '../check-option.js'

/** Options of `vsftpd`. */
export interface VsftpdOptions extends AccountOptions {
  /**
   * The source's name, unique on its host.
   * @default 'vsftpd'
   */
  name?: string
}

/** The options with their defaults. @throws TypeError that names the option, what it got and what it expects */
export function checkOptions(options: VsftpdOptions) {
  const source = 'vsftpd'
  const { name = 'vsftpd' } = options
  checkNoOthers(source, options, ['name', 'anonymous', 'accounts'])
  checkOption(source, 'name', name, 'a text of 1 to 64 characters', isText(name) && name.length <= 64)
  checkAccountOptions(source, options)
  return { name }
}
