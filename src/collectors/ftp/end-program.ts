#!/usr/bin/env node
import { RemovalRefused } from '../engine/session-source.js'
import { bootId, executableOf, processStat } from './processes.js'
import { endSession } from './proftpd/end.js'
import { heldScoreboard, readSlot } from './proftpd/scoreboard-file.js'

/*
 * adminjs-sessions-end PID STARTTICKS
 *
 * Ends one FTP session for a back office that may not: run by it as root, through sudo. It trusts nobody: the process
 * must be a session of a ProFTPD by what it holds open itself, whatever the caller says.
 */

/** How it ends, with a line on stderr for all but the first. */
const EXIT = { asked: 0, badArguments: 2, alreadyGone: 3, refused: 4, failed: 5 }

function main(args: string[]): [code: number, line: string] {
  const numbers = args.filter((arg) => /^[1-9]\d{0,14}$/.test(arg)).map(Number)
  if (args.length !== 2 || numbers.length !== 2)
    return [EXIT.badArguments, 'usage: adminjs-sessions-end PID STARTTICKS']
  const [pid, startTicks] = numbers as [number, number]
  try {
    const session = processStat(pid)
    if (session?.startTicks !== startTicks) return [EXIT.alreadyGone, `Process ${pid} has gone.`]
    const scoreboard = heldScoreboard(pid)
    const found = scoreboard && readSlot(scoreboard.path, scoreboard.slot)
    if (!found)
      return [EXIT.refused, `Process ${pid} is no session of ProFTPD: no scoreboard that it holds open has it.`]
    const program = executableOf(pid)
    if (!program?.endsWith('/proftpd')) return [EXIT.refused, `Process ${pid} runs ${program}, not proftpd.`]
    const { user, beganAt, slot } = found.entry
    const { masterPid } = found.header
    const orphaned = session.parent !== masterPid && processStat(masterPid)?.comm !== 'proftpd'
    const identity = { bootId: bootId(), pid, startTicks, user, beganAt, slot, orphaned, scoreboard: scoreboard.path }
    return endSession(identity) === 'asked' ? [EXIT.asked, ''] : [EXIT.alreadyGone, `Process ${pid} has gone.`]
  } catch (error) {
    const { message } = error as Error
    return [error instanceof RemovalRefused ? EXIT.refused : EXIT.failed, message]
  }
}

const [code, line] = main(process.argv.slice(2))
if (line) process.stderr.write(`${line}\n`)
process.exitCode = code
