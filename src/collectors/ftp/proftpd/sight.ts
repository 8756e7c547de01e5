import type { FtpSessionCondition, ListedFtpSession } from '../../../session-source.js'
import { bootId, titleOf } from '../os/proc.js'
import type { SessionProcess } from '../os/session-process.js'
import type { Owner } from '../shared/accounts.js'
import type { SessionIdentity } from './end-proftpd-session.js'
import type { LiveSession } from './live-proftpd-sessions.js'
import { wholeLogin } from './login.js'
import type { ScoreboardEntry } from './scoreboard.js'
import { type Fields, isMoving, isOverSsh, type Snapshot, look } from './session-of-entry.js'

/** A live session, with what it was at the last list and what the kernel says of it now. */
export interface Sight extends LiveSession {
  before: KnownSession | null
  process: SessionProcess | null
}

/** A session as it is listed, and what is kept of it for the next list. */
export interface KnownSession {
  session: ListedFtpSession
  entry: ScoreboardEntry
  /** Whether the login is known whole, or there is none. */
  loginWhole: boolean
  /** Null where the entry makes no sense. */
  look: Snapshot | null
  /** Null while it is unknown. */
  owner: Owner | null
}

export interface Circumstances {
  scoreboard: string
  now: Date
}

/** Makes the session that is listed, without its owner where that is not known yet; the last one where nothing has changed. */
export function see(sight: Sight, { scoreboard, now }: Circumstances): KnownSession {
  const { key, entry, process, before, orphaned } = sight
  const condition: FtpSessionCondition = !entry.plausible ? 'unreadable' : orphaned ? 'orphaned' : 'normal'
  const same = before?.entry === entry && before.session.condition === condition
  // Over SSH a file may be moved without a word in the scoreboard.
  const nothingNew = !process || (!process.file && !isOverSsh(entry))
  if (same && nothingNew && !isMoving(before.look) && before.loginWhole) return before

  const handle = identityOf(sight, scoreboard)
  if (!entry.plausible) {
    const session = { key, handle, condition, ...NOTHING }
    return { session, entry, loginWhole: true, look: null, owner: UNKNOWN }
  }

  const next = look({ entry, process, now }, before?.look ?? null)
  const { login, loginWhole } = loginOf(sight, next.fields)
  const nobodys = { type: null, domain: entry.serverLabel || null }
  // What is only a part of a login may be the whole of another's.
  const owner = !login || !loginWhole ? nobodys : before?.session.login === login ? before.owner : null
  const session = { key, handle, condition, ...next.fields, login, ...owner }
  return { session, entry, loginWhole, look: next, owner }
}

/** The whole login, once the title of its process has told it; until then what the scoreboard has, and `…` where that may be cut. */
function loginOf({ entry, before }: Sight, { login }: Fields): { login: string | null; loginWhole: boolean } {
  if (login === null || !entry.userCut) return { login, loginWhole: true }
  if (before?.entry.user === entry.user && before.loginWhole)
    return { login: before.session.login ?? null, loginWhole: true }
  const whole = wholeLogin(entry, titleOf(entry.pid))
  return { login: whole ?? `${login}…`, loginWhole: whole !== null }
}

function identityOf({ entry, file, startTicks }: LiveSession, scoreboard: string): SessionIdentity {
  const { pid, user, beganAt, slot } = entry
  return { bootId: bootId(), pid, startTicks, user, beganAt, scoreboard, file, slot }
}

const UNKNOWN: Owner = { type: null, domain: null }

/** What is said of an entry that cannot be true: it is there, and can be ended. */
const NOTHING: Fields & Owner = {
  ...{ status: null, command: null, login: null, location: null, fileName: null, transferredBytes: null },
  ...{ totalBytes: null, ip: null, protocol: null, connectedAt: null, lastActiveAt: null, ...UNKNOWN },
}
