#!/usr/bin/env node
import { RemovalRefused } from '../session-source.js'
import { bootId, processStat, type ProcessStat, standingOf } from '../collectors/ftp/os/proc.js'
import { isProgram, programOf } from '../collectors/ftp/os/program.js'
import { endSession as endProftpd } from '../collectors/ftp/proftpd/end.js'
import { heldScoreboard, readSlot } from '../collectors/ftp/proftpd/scoreboard-file.js'
import { endSession as endPureFtpd } from '../collectors/ftp/pure-ftpd/end.js'
import { runWho } from '../collectors/ftp/pure-ftpd/pure-ftpwho.js'
import { endSession as endVsftpd } from '../collectors/ftp/vsftpd/end.js'
import { sessionOfParent } from '../collectors/ftp/vsftpd/live-sessions.js'

/*
 * adminjs-sessions-end PID STARTTICKS [force]
 *
 * Ends one FTP session for a back office that may not: run by it as root, through sudo. It trusts nobody: the process
 * must be a session of a ProFTPD, a Pure-FTPd or a vsftpd by what its server itself says, whatever the caller says. With
 * `force` by SIGKILL; every check is the same.
 */

/** How it ends, with a line on stderr for all but the first. */
const EXIT = { asked: 0, badArguments: 2, alreadyGone: 3, refused: 4, failed: 5 }

type Ended = 'asked' | 'already-gone' | Promise<'asked' | 'already-gone'>

const servers: Record<Parameters<typeof isProgram>[0], (session: ProcessStat, force: boolean) => Ended> = {
  proftpd({ pid, startTicks, parent }, force) {
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
    return endProftpd(identity, force ? 'SIGKILL' : 'SIGTERM')
  },
  async 'pure-ftpd'({ pid, startTicks }, force) {
    const rows = await runWho('/usr/sbin/pure-ftpwho', AbortSignal.timeout(5000))
    const row = rows.find((one) => one.pid === pid)
    if (!row) throw new RemovalRefused(`Process ${pid} is no session of Pure-FTPd: pure-ftpwho does not list it.`)
    const identity = { bootId: bootId(), pid, startTicks, account: row.account, peer: row.peer }
    return endPureFtpd(identity, row, force ? 'SIGKILL' : 'SIGTERM')
  },
  vsftpd({ pid, startTicks }, force) {
    const session = sessionOfParent(pid)
    if (!session) return 'already-gone'
    return endVsftpd({ bootId: bootId(), pid, startTicks, login: session.login, ip: session.ip }, force)
  },
}

function masterUid(parent: number): number[] {
  const stat = parent > 0 ? processStat(parent) : null
  const standing = stat && isProgram('proftpd', programOf(stat)) ? standingOf(parent) : null
  return standing ? [standing.realUid] : []
}

async function main(args: string[]): Promise<[code: number, line: string]> {
  const numbers = args
    .slice(0, 2)
    .filter((arg) => /^[1-9]\d{0,14}$/.test(arg))
    .map(Number)
  const force = args.length === 3 && args[2] === 'force'
  if (numbers.length !== 2 || (args.length !== 2 && !force)) {
    return [EXIT.badArguments, 'usage: adminjs-sessions-end PID STARTTICKS [force]']
  }
  const [pid, startTicks] = numbers as [number, number]
  const gone: [number, string] = [EXIT.alreadyGone, `There is no process ${pid} that began at tick ${startTicks}.`]
  try {
    const session = processStat(pid)
    if (session?.startTicks !== startTicks) return gone
    const program = programOf(session)
    const names = Object.keys(servers) as (keyof typeof servers)[]
    // Root sees the program itself: its short name, which a process may choose, is not enough.
    const name = program?.file ? names.find((one) => isProgram(one, program)) : undefined
    if (!name) return [EXIT.refused, `Process ${pid} runs ${program?.path ?? 'no program'}, not ${names.join(', ')}.`]
    return (await servers[name](session, force)) === 'asked' ? [EXIT.asked, ''] : gone
  } catch (error) {
    return [error instanceof RemovalRefused ? EXIT.refused : EXIT.failed, (error as Error).message]
  }
}

const [code, line] = await main(process.argv.slice(2))
if (line) process.stderr.write(`${line}\n`)
process.exitCode = code
