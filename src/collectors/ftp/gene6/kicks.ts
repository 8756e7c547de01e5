import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ListedFtpSession, RemovalRefused } from '../../../session-source.js'
import type { LoggedConnection } from '../log/sessions-from-events.js'

/**
 * Asks gene6-sessions.vbs to kick a client, by a file in its folder of kicks: it does so when that client next lists a
 * directory or moves a file, for only then is it called, and takes the file away. When the client leaves by itself or
 * somebody of that name logs on, it takes the file away and kicks nobody.
 */
export function askToKick(kicks: string) {
  return async ({
    key,
    handle: { domain, ip, login },
  }: ListedFtpSession & { handle: LoggedConnection }): Promise<'asked'> => {
    if (login === null || ip === null || domain === null) {
      throw new RemovalRefused(
        'Gene6 tells its script nothing by which a client that has not logged on could be known again.',
      )
    }
    const path = join(kicks, `${key}.kick`)
    const unfinished = `${path}.tmp`
    try {
      await writeFile(unfinished, `"domain":"${escaped(domain)}","ip":"${escaped(ip)}","login":"${escaped(login)}"`)
      // All of it or nothing, whenever the script looks.
      await rename(unfinished, path)
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException
      throw new Error(
        `Gene6's script cannot be asked to kick: ${kicks} could not be written to (${code}). ` +
          'Make that folder, and let the back office and the service of Gene6 write to it.',
        { cause: error },
      )
    }
    return 'asked'
  }
}

/** As the script escapes: the same text for the same name. */
function escaped(text: string): string {
  return text.replace(/[^ -~]|["\\]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
