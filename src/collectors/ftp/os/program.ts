import { readlinkSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { decodeName } from '../../../text/decode-name.js'
import type { ProcessStat } from './proc.js'

/** The program that a process runs. */
export interface Program {
  /** Its file; where that may not be seen, the short name that every user sees, and that a process may choose itself. */
  path: string
  /** Which file that is, whatever it is called: device and inode; null where it may not be seen. */
  file: string | null
}

/**
 * The program that a process runs; null where it runs none, as the kernel's own threads, or has gone. Of another user's
 * process one who is not root learns the short name alone.
 *
 * @param process as `processStat` gives it
 */
export function programOf({ pid, comm }: Pick<ProcessStat, 'pid' | 'comm'>): Program | null {
  const exe = `/proc/${pid}/exe`
  try {
    // A server that was upgraded goes on with the file that was replaced.
    const path = decodeName(readlinkSync(exe, 'buffer')).replace(/ \(deleted\)$/, '')
    const { dev, ino } = statSync(exe, { bigint: true })
    return { path, file: `${dev}:${ino}` }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM' ? { path: comm, file: null } : null
  }
}

/**
 * Whether it is a server's program: `proftpd`, `in.proftpd`, a `proftpd-1.3.8` beside it.
 *
 * @param server the name of its program: letters, digits and `-`
 * @example
 * isProgram('my-ftpd', programOf(processStat(pid)!))
 */
export function isProgram(server: string, program: Program | null): boolean {
  return program !== null && new RegExp(`^(in\\.)?${server}\\b`).test(basename(program.path))
}

/**
 * Whether two processes run the same file: a session that of its server. A server that was upgraded has two that are
 * called the same. Who may not see both of them knows of nothing that speaks against it.
 */
export function isSameProgram(one: Program, other: Program): boolean {
  return one.file === null || other.file === null || one.file === other.file
}
