import { readdirSync, readFileSync } from 'node:fs'
import { processStat } from '../../src/collectors/ftp/os/proc.js'

/** The pids of a process's children. Asked of the kernel, for to go through all processes takes a hundred times as long. */
export function childrenOf(parent: number): number[] {
  return tasksOf(parent)
    .flatMap((task) => read(`/proc/${parent}/task/${task}/children`).split(' '))
    .map(Number)
    .filter((pid) => pid > 0 && processStat(pid)?.parent === parent)
}

/** The pids of a process's children and of theirs. */
export function descendantsOf(parent: number): number[] {
  return childrenOf(parent).flatMap((pid) => [pid, ...descendantsOf(pid)])
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
