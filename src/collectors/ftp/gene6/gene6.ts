import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { ListedFtpSession } from '../../../session-source.js'
import { checkOptions, sourceName, text } from '../../check-options.js'
import { Refusal } from '../../refusal.js'
import type { PatternGrammar } from '../log/grammar.js'
import { type LogOptions, logServer, type LogSource } from '../log/log-server.js'
import type { LoggedConnection } from '../log/sessions-from-events.js'
import { w3c } from '../log/w3c.js'

/** Options of `gene6`: what the script tells, or the W3C log alone. */
export type Gene6Options = Omit<LogOptions, 'log'> &
  (
    | {
        /** The path that `SPOOL` has in gene6-sessions.vbs. */
        spool: string
        /** The path that `KICKS` has in gene6-sessions.vbs; without it nobody can be ended. */
        kicks?: string
        log?: never
      }
    | {
        /** The path of a log that Gene6 writes in the W3C's format, with `*` for the date in its name. */
        log: string
        spool?: never
        kicks?: never
      }
  )

/** Those that `logServer` does not check. */
const ownOptions = z
  .object({ spool: z.unknown(), log: z.unknown(), kicks: text('the path of a folder').optional() })
  .refine(({ spool, log }) => (spool === undefined) !== (log === undefined), {
    path: ['spool'],
    error: "either `spool`, the script's file, or `log`, a log of Gene6's own",
  })

/** The lines of gene6-sessions.vbs. */
const spoolGrammar: PatternGrammar = {
  line: /^\{"at":"(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)","domain":"(?<domain>[^"]*)"(?:,"ip":"(?<ip>[^"]*)","login":"(?<login>[^"]*)")?,"event":"/,
  escapes: 'json',
  events: [
    { event: 'server-started', pattern: /^OnDomainStarted"/ },
    { event: 'connected', pattern: /^OnClientConnected"/ },
    { event: 'logged-in', pattern: /^OnClientLoggedIn"/ },
    { event: 'closed', pattern: /^OnClientDisconnected"/ },
    { event: 'active', pattern: /^On(?:Dir|File)[A-Z][a-z]+"/ },
  ],
}

/**
 * The sessions of a Gene6 FTP Server 3: by gene6-sessions.vbs, a script to put into its folder Scripts, which tells who
 * comes and goes and kicks whom it is asked to; or by its log in the W3C's format, of which less can be said and by which
 * nobody can be ended. Neither could be tried on a Gene6: see docs/servers/gene6.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * gene6({ spool: 'C:\\ProgramData\\adminjs-sessions\\gene6.jsonl', kicks: 'C:\\ProgramData\\adminjs-sessions\\kicks' })
 * @example
 * gene6({ log: 'C:\\Program Files\\Gene6 FTP Server\\Log\\example.com-*.log' })
 */
export function gene6(options: Gene6Options): LogSource {
  const { name = 'gene6', spool, kicks, log, ...others } = options ?? {}
  checkOptions(sourceName.safeParse(name).data ?? 'gene6', ownOptions, { spool, kicks, log })
  if (log !== undefined) return logServer({ name, log, grammar: w3c(), ...others })
  const end =
    kicks === undefined
      ? {}
      : { end: askToKick(kicks), endsBy: 'gene6-sessions.vbs kicks the client at its next action.' }
  return logServer({ name, log: spool!, grammar: spoolGrammar, ...end, ...others })
}

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
      throw new Refusal('gene6NotLoggedOn')
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
