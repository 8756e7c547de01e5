import { decodeName } from '../../../text/decode-name.js'
import type { ScoreboardEntry } from './scoreboard.js'

/*
 * The title of a session's process says whose it is, as `LOGIN - CLIENT: COMMAND` once somebody has logged in, and as
 * `ADDRESS:PORT: COMMAND` before (pr_main and pr_session_set_idle in ProFTPD's source). It is cut off where the process
 * has little room, and says nothing with `ProcessTitles terse`. Both the login and the command may hold ` - CLIENT: `
 * themselves.
 */

/** The whole login of a session, of which the scoreboard has at most 31 bytes; null where the title does not tell it for sure. */
export function wholeLogin(entry: ScoreboardEntry, title: string): string | null {
  if (!entry.userCut) return entry.user
  const possible = loginsIn(entry, title).filter((login) => login.startsWith(entry.user))
  return possible.length === 1 ? possible[0]! : null
}

/** Whether the title is that of another login or another client than the entry's. */
export function speaksAgainst(entry: ScoreboardEntry, title: string): boolean {
  const said = afterName(title)
  const address = /^([0-9a-fA-F.:]+):\d+: /.exec(said)?.[1]
  if (address !== undefined) return address !== entry.clientAddress
  if (entry.user === '(none)' || !/ - \S+: /.test(said)) return false
  const { user, userCut } = entry
  return !loginsIn(entry, title).some((login) => (userCut ? login.startsWith(user) : login === user))
}

/** Each text before a ` - CLIENT: `. */
function loginsIn({ clientName, clientAddress }: ScoreboardEntry, title: string): string[] {
  const said = afterName(title)
  const logins: string[] = []
  const mark = ` - ${clientName || clientAddress}: `
  for (let at = said.indexOf(mark); at >= 0; at = said.indexOf(mark, at + 1)) {
    logins.push(decodeName(Buffer.from(said.slice(0, at), 'latin1')))
  }
  return logins
}

const NAME = 'proftpd: '
const afterName = (title: string) => (title.startsWith(NAME) ? title.slice(NAME.length) : '')
