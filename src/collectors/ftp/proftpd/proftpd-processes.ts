import { Refusal } from '../../refusal.js'
import { type ProcessStat, processStat, standingOf, titleOf } from '../os/proc.js'
import { isProgram, isSameProgram, type Program, programOf } from '../os/program.js'
import { speaksAgainst } from './login.js'
import { handleOn } from './scoreboard-file.js'
import type { ScoreboardEntry, ScoreboardHeader } from './scoreboard.js'

/** A scoreboard in which a session stands. */
export interface Board {
  /** The file itself, and whose it is. */
  file: string
  owner: number
  header: ScoreboardHeader
}

/** What is asked of the machine about its processes, for tests to put strangers in. */
export interface Processes {
  processStat(pid: number): ProcessStat | null
  standingOf(pid: number): { realUid: number; numbers: number[] } | null
  programOf(stat: ProcessStat): Program | null
  handleOn(pid: number, file: string): string | false | null
  titleOf(pid: number): string
}

export const theseProcesses: Processes = { processStat, standingOf, programOf, handleOn, titleOf }

/**
 * The master of a session: the process that the scoreboard's header names. But where the scoreboard was deleted under a
 * running ProFTPD, the next session makes another one and names itself: then it is the session's parent. Null where it
 * has gone, and under inetd, where there is none.
 *
 * It must run ProFTPD, in this PID namespace, as root or as the scoreboard's owner: nobody else can have made that. A
 * process that merely has the number that the header names is a stranger.
 */
export function masterOf(
  board: Board,
  session: { parent: number } | null,
  processes: Processes = theseProcesses,
): ProcessStat | null {
  const isMaster = (stat: ProcessStat | null): stat is ProcessStat => {
    if (!stat || !runsProftpd(stat, processes)) return false
    const standing = processes.standingOf(stat.pid)
    if (standing?.numbers.length !== 1 || ![0, board.owner].includes(standing.realUid)) return false
    // Else it is a session itself.
    return !runsProftpd(processAt(stat.parent, processes), processes)
  }
  const { masterPid } = board.header
  const named = processAt(masterPid, processes)
  if (masterPid === 0 || isMaster(named)) return masterPid === 0 ? null : named
  const parent = session && processAt(session.parent, processes)
  return isMaster(parent) ? parent : null
}

/**
 * Why a process is not the session that an entry was made for; null where it is. Beside this, whoever asks
 * has to know that it is the same process as before.
 *
 * @param master what `masterOf` gives; null makes it one that has outlived its master
 */
export function whyNoSession(
  entry: ScoreboardEntry,
  process: ProcessStat,
  board: Board,
  master: ProcessStat | null,
  processes: Processes = theseProcesses,
): Refusal | null {
  const { pid, parent } = process
  const program = processes.programOf(process)
  if (!program || !isProgram('proftpd', program))
    return new Refusal('otherProgram', { pid, program: program?.path ?? { key: 'noProgram' }, server: 'ProFTPD' })
  if (processes.standingOf(pid)?.numbers.length !== 1) return new Refusal('otherNamespace', { pid })
  if (pid === (master?.pid ?? board.header.masterPid)) return new Refusal('proftpdMaster', { pid })
  if (master) {
    if (parent !== master.pid) return new Refusal('proftpdOtherParent', { pid, master: master.pid, parent })
    const masters = processes.programOf(master)
    if (!masters || !isSameProgram(program, masters))
      return new Refusal('proftpdOtherProgram', { pid, program: program.path, master: master.pid })
  } else if (runsProftpd(processAt(parent, processes), processes)) {
    return new Refusal('proftpdOfAnother', { pid, parent })
  }
  // A session has its scoreboard open. Who may not see that sees its title.
  const holds = processes.handleOn(pid, board.file)
  if (holds === false || (holds === null && speaksAgainst(entry, processes.titleOf(pid))))
    return new Refusal('proftpdOtherScoreboard', { pid, login: entry.user })
  return null
}

function runsProftpd(stat: ProcessStat | null, processes: Processes): boolean {
  return stat !== null && isProgram('proftpd', processes.programOf(stat))
}

const processAt = (pid: number, processes: Processes) => (pid > 0 ? processes.processStat(pid) : null)
