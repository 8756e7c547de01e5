import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Removes the shared memory that a process has made and nobody uses any more: PostgreSQL and ProFTPD leave theirs where
 * they are killed.
 *
 * @param {number} pid
 * @param {number} since when it began, in seconds: an earlier process may have had its pid
 * @see proc_sysvipc(5)
 */
export function removeSharedMemory(pid, since) {
  const [, ...lines] = readFileSync('/proc/sysvipc/shm', 'utf8').trimEnd().split('\n')
  for (const line of lines) {
    const [, id, , , creator, , attached, , , , , , , changed] = line.trim().split(/\s+/).map(Number)
    if (creator === pid && attached === 0 && changed >= since) execFileSync('ipcrm', ['-m', String(id)])
  }
}
