#!/usr/bin/env node
import { basename } from 'node:path'
import { RemovalRefused } from '../engine/session-source.js'
import { bootId, executableOf, processStat, type ProcessStat } from './processes.js'
import { endSession as endProftpd } from './proftpd/end.js'
import { heldScoreboard, readSlot } from './proftpd/scoreboard-file.js'
import { endSession as endPureFtpd } from './pure-ftpd/end.js'
import { runWho } from './pure-ftpd/run-who.js'
import { endSession as endVsftpd } from './vsftpd/end.js'
import { sessionOfParent } from './vsftpd/live-sessions.js'

/*
 * adminjs-sessions-end PID STARTTICKS
 *
 * Ends one FTP session for a back office that may not: run by it as root, through sudo. It trusts nobody: the process
 * must be a session of a ProFTPD, a Pure-FTPd or a vsftpd by what its server itself says, whatever the caller says.
 */

/** How it ends, with a line on stderr for all but the first. */
const EXIT = { asked: 0, badArguments: 2, alreadyGone: 3, refused: 4, failed: 5 }

type Ended = 'asked' | 'already-gone' | Promise<'asked' | 'already-gone'>

/** By the name of the program that the process runs. */
const servers: Record<string, (session: ProcessStat) => Ended> = {
  proftpd({ pid, startTicks, parent }) {
    const scoreboard = heldScoreboard(pid)
    const found = scoreboard && readSlot(scoreboard.path, scoreboard.slot)
    if (!found) {
      throw new RemovalRefused(`Process ${pid} is no session of ProFTPD: no scoreboard that it holds open has it.`)
    }
    const { user, beganAt, slot } = found.entry
    const { masterPid } = found.header
    const orphaned = parent !== masterPid && processStat(masterPid)?.comm !== 'proftpd'
    return endProftpd({ bootId: bootId(), pid, startTicks, user, beganAt, slot, orphaned, scoreboard: scoreboard.path })
  },
  async 'pure-ftpd'({ pid, startTicks }) {
    const rows = await runWho('/usr/sbin/pure-ftpwho', true, AbortSignal.timeout(5000))
    const row = rows.find((one) => one.pid === pid)
    if (!row) throw new RemovalRefused(`Process ${pid} is no session of Pure-FTPd: pure-ftpwho does not list it.`)
    return endPureFtpd({ bootId: bootId(), pid, startTicks, account: row.account, peer: row.peer }, row)
  },
  vsftpd({ pid, startTicks }) {
    const session = sessionOfParent(pid)
    if (!session) return 'already-gone'
    const login = session.title.is === 'session' ? session.title.login : null
    return endVsftpd({ bootId: bootId(), pid, startTicks, login, ip: session.ip })
  },
}

async function main(args: string[]): Promise<[code: number, line: string]> {
  const numbers = args.filter((arg) => /^[1-9]\d{0,14}$/.test(arg)).map(Number)
  if (args.length !== 2 || numbers.length !== 2) {
    return [EXIT.badArguments, 'usage: adminjs-sessions-end PID STARTTICKS']
  }
  const [pid, startTicks] = numbers as [number, number]
  const gone: [number, string] = [EXIT.alreadyGone, `Process ${pid} has gone.`]
  try {
    const session = processStat(pid)
    if (session?.startTicks !== startTicks) return gone
    const program = executableOf(pid)
    const name = basename(program ?? '')
    const server = Object.hasOwn(servers, name) ? servers[name] : undefined
    if (!server) {
      return [EXIT.refused, `Process ${pid} runs ${program}, not ${Object.keys(servers).join(', ')}.`]
    }
    return (await server(session)) === 'asked' ? [EXIT.asked, ''] : gone
  } catch (error) {
    return [error instanceof RemovalRefused ? EXIT.refused : EXIT.failed, (error as Error).message]
  }
}

const [code, line] = await main(process.argv.slice(2))
if (line) process.stderr.write(`${line}\n`)
process.exitCode = code
