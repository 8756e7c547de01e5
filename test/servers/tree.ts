import { readdirSync } from 'node:fs'
import { processStat } from '../../src/collectors/ftp/os/proc.js'

/** The pids of a process's children. */
export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && processStat(pid)?.parent === parent)
}

/** The pids of a process's children and of theirs. */
export function descendantsOf(parent: number): number[] {
  return childrenOf(parent).flatMap((pid) => [pid, ...descendantsOf(pid)])
}
