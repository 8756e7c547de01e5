import { RemovalRefused } from '../../../session-source.js'
import { bootId, processStat, standingOf } from '../os/proc.js'
import { isProgram, programOf } from '../os/program.js'
import type { EndAsRoot } from '../os/end-by-arguments.js'
import { endSession } from './end-proftpd-session.js'
import { heldScoreboard, readSlot } from './scoreboard-file.js'

/** Ends a session that stands in the scoreboard that its process holds open. */
export const endAsRoot: EndAsRoot = async ({ pid, startTicks, parent }, force) => {
  // The scoreboard is root's, or its who runs the master: a session may have other files open, with whatever a client sends.
  const scoreboard = heldScoreboard(pid, [0, ...masterUid(parent)])
  const found = scoreboard && readSlot(scoreboard.path, scoreboard.slot)
  if (!found) {
    throw new RemovalRefused(
      `Process ${pid} is no session of ProFTPD: no scoreboard of root's, or of its master's user, that it holds open has it.`,
    )
  }
  const { file, entry } = found
  const { user, beganAt, slot } = entry
  const identity = { bootId: bootId(), pid, startTicks, user, beganAt, scoreboard: scoreboard.path, file, slot }
  return endSession(identity, force ? 'SIGKILL' : 'SIGTERM')
}

function masterUid(parent: number): number[] {
  const stat = parent > 0 ? processStat(parent) : null
  const standing = stat && isProgram('proftpd', programOf(stat)) ? standingOf(parent) : null
  return standing ? [standing.realUid] : []
}
