import type { PatternGrammar } from '../log/grammar.js'
import { type LogOptions, logServer, type LogSource } from '../log/log-server.js'

/** Options of `servU`. */
export interface ServUOptions extends LogOptions {
  /** @default 'serv-u' */
  name?: string
  /**
   * How the lines are to be read, where yours are other ones.
   * @default servUGrammar
   * @example
   * grammar: {
   *   ...servUGrammar,
   *   events: [{ event: 'closed', pattern: /^Session closed/ }, ...servUGrammar.events],
   * }
   */
  grammar?: PatternGrammar
}

/**
 * The lines of a Serv-U log: class of message, local time, number of the session, message:
 * `[02] Sat 02Sep06 13:27:52 - (000123) Connected to 127.0.0.1 (local address 127.0.0.1, port 21)`.
 *
 * Put together from what was written about them: no public sample of each version's log could be found. Check it with your
 * own log: see docs/servers/serv-u.md.
 */
export const servUGrammar: PatternGrammar = {
  line: /^\[\d{1,3}\] (?:[A-Z][a-z]{2} )?(?<day>\d\d)(?<month>[A-Z][a-z]{2})(?<year>\d{2,4}) (?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d) - (?:\((?<session>\d+)\) )?/,
  events: [
    {
      event: 'connected',
      pattern:
        /^Connected to (?<ip>[\da-fA-F.:]+)(?: \(local address (?<serverIp>[\da-fA-F.:]+), port (?<serverPort>\d+)\))?/,
    },
    { event: 'closed', pattern: /^Closed session/ },
    { event: 'logged-in', pattern: /^User "?(?<login>.+?)"? logged in$/ },
    { event: 'transfer-began', way: 'down', pattern: /^Sending file "?(?<file>.+?)"?$/ },
    { event: 'transfer-began', way: 'up', pattern: /^Receiving file "?(?<file>.+?)"?$/ },
    { event: 'transfer-ended', pattern: /^(?:Sent|Received|(?:Error|Failed) (?:sending|receiving)) file / },
  ],
}

/**
 * The sessions of a Serv-U, as its log tells of them. Serv-U offers nothing to end a session with: give `end` a way, or
 * have none.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * servU({ log: 'C:\\ProgramData\\RhinoSoft\\Serv-U\\Logs\\ftp-*.log' })
 * @see docs/servers/serv-u.md
 */
export function servU({ name = 'serv-u', grammar = servUGrammar, ...options }: ServUOptions): LogSource {
  return logServer({ name, grammar, ...options })
}
