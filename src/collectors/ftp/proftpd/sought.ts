import type { Asked, Sought } from '../os/moved-file.js'
import { isArgument } from './argument.js'
import type { ScoreboardEntry } from './scoreboard.js'
import { isLoggedIn, isMoving, isOverSsh, type Snapshot, runsCommand, statusOfCommand } from './session-of-entry.js'

/**
 * What to look into a session's process for; null where nothing new is to be seen there. It is for the file that is
 * moved, a directory whose name the scoreboard has cut, or what is open before a transfer.
 *
 * @param knowsRest whether the last is known: see `SessionProcesses`
 */
export function askedOf(
  entry: ScoreboardEntry,
  before: Snapshot | null,
  knowsRest: (loggedIn: boolean) => boolean,
  now: Date,
): Asked | null {
  if (!entry.plausible) return null
  const news = entry !== before?.entry
  const loggedIn = isLoggedIn(entry)
  if (loggedIn && isOverSsh(entry)) {
    const justActive = now.getTime() / 1000 - entry.idleSince < 5
    const wanted = news || justActive || runsCommand(entry) || isMoving(before)
    return wanted ? { for: 'transfer', sought: soughtOverSsh(entry) } : null
  }
  const direction = directionOf(entry)
  if (direction) return { for: 'transfer', sought: [soughtByName(entry, direction)] }
  if (!runsCommand(entry) && !knowsRest(loggedIn)) return { for: 'rest', loggedIn }
  return loggedIn && entry.cwdCut && (news || runsCommand(entry)) ? { for: 'directory' } : null
}

function directionOf(entry: ScoreboardEntry): Sought['direction'] | null {
  const status = isLoggedIn(entry) ? statusOfCommand(entry) : undefined
  return status === 'uploading' ? 'up' : status === 'downloading' ? 'down' : null
}

/** It opens what is uploaded for writing alone, its logs for appending and its tables both ways; but users' for reading. */
function soughtByName(entry: ScoreboardEntry, direction: Sought['direction']): Sought {
  const isNamed = (typed: string) => isArgument(entry, typed)
  return { direction, name: entry.argument, cut: entry.argumentCut, isNamed, opensNoOther: direction === 'up' }
}

/**
 * Over SFTP the scoreboard has the name only in passing, and of a download the size. mod_sftp reads by pread(2) where it
 * can; the tables of users have been read.
 */
function soughtOverSsh(entry: ScoreboardEntry): Sought[] {
  const { transferSize, transferDone } = entry
  const sought: Sought[] = [{ direction: 'up', name: '', cut: false, opensNoOther: true }]
  const counted = { size: transferSize, read: transferDone }
  if (transferSize > 0) sought.push({ direction: 'down', name: '', cut: false, opensNoOther: true, counted })
  const direction = directionOf(entry)
  return direction ? sought.filter((one) => one.direction === direction) : sought
}
