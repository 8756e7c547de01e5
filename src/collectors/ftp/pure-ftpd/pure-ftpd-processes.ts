import { basename } from 'node:path'
import { Refusal } from '../../refusal.js'
import { isOfThisNamespace } from '../os/pid-namespace.js'
import { type ProcessStat, processStat, titleOf } from '../os/proc.js'
import { isSameProgram, type Program, programOf } from '../os/program.js'

/** What is asked of the machine about its processes, for tests to put strangers in. */
export interface Processes {
  processStat(pid: number): ProcessStat | null
  isOfThisNamespace(pid: number): boolean
  programOf(stat: ProcessStat): Program | null
  titleOf(pid: number): string
}

export const theseProcesses: Processes = { processStat, isOfThisNamespace, programOf, titleOf }

/** Pure-FTPd, and what Debian's packages pure-ftpd-mysql, -postgresql and -ldap call theirs. */
const PROGRAMS = ['', '-mysql', '-postgresql', '-ldap']
  .map((accounts) => `pure-ftpd${accounts}`)
  .flatMap((name) => [name, `${name}-virtualchroot`])
/** Of a short name the kernel keeps 15 bytes: TASK_COMM_LEN in its include/linux/sched.h. */
const SHORT_NAMES = PROGRAMS.map((name) => name.slice(0, 15))

/** Whether it is Pure-FTPd or one of its variants: by exactly these names. */
export function isPureFtpd(program: Program | null): boolean {
  return program !== null && (program.file === null ? SHORT_NAMES : PROGRAMS).includes(basename(program.path))
}

/** Whether a process runs Pure-FTPd, or one of its variants, in this PID namespace: its server, a session, or a session's helper. */
export function runsHere(stat: ProcessStat, processes: Processes = theseProcesses): boolean {
  return isPureFtpd(processes.programOf(stat)) && processes.isOfThisNamespace(stat.pid)
}

/** Whether a process is a session of Pure-FTPd, as far as its own title does not say that it is something else. */
export function mayBeSession(stat: ProcessStat): boolean {
  return runsHere(stat) && !/ \((SERVER|PRIV)\)$/.test(titleOf(stat.pid))
}

/** Whether no server of Pure-FTPd's is its parent: that has gone; or there never was one, under inetd. */
export function isWithoutServer({ parent }: ProcessStat): boolean {
  const stat = parent > 0 ? processStat(parent) : null
  return stat === null || !runsHere(stat)
}

/** Why a process is no session of Pure-FTPd; null where it is one. */
export function whyNoSession(stat: ProcessStat, processes: Processes = theseProcesses): Refusal | null {
  const { pid, parent } = stat
  const program = processes.programOf(stat)
  if (!program || !isPureFtpd(program))
    return new Refusal('otherProgram', { pid, program: program?.path ?? { key: 'noProgram' }, server: 'Pure-FTPd' })
  if (!processes.isOfThisNamespace(pid)) return new Refusal('otherNamespace', { pid })
  const title = processes.titleOf(pid)
  if (!/ \((IDLE|UPLOAD|DOWNLOAD)\)$/.test(title))
    return new Refusal('pureNoSession', { pid, title: title || stat.comm })
  // Under inetd the parent is a stranger; a server that has gone leaves its sessions to another parent.
  const server = parent > 0 ? processes.processStat(parent) : null
  const servers = server && processes.programOf(server)
  if (!servers || !isPureFtpd(servers)) return null
  if (!isSameProgram(program, servers))
    return new Refusal('pureOtherProgram', { pid, program: program.path, server: parent })
  return / \(SERVER\)$/.test(processes.titleOf(parent)) ? null : new Refusal('pureOtherParent', { pid })
}
