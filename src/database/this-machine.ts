import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * This machine among all that use one database, for as long as it is up: by what its kernel drew when it started, and by
 * its PID namespace, since two containers of one machine see each other's servers and processes as little as two machines
 * do. Where there is no /proc, by its name.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_sys_kernel.5.html (random/boot_id), https://man7.org/linux/man-pages/man7/pid_namespaces.7.html
 */
export function thisMachine(): string {
  return createHash('sha256').update(seen().join('\n')).digest('hex').slice(0, 32)
}

function seen(): string[] {
  try {
    return [readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), readlinkSync('/proc/self/ns/pid')]
  } catch {
    return [hostname()]
  }
}

/** Whether this process may say that a process of this machine is no more. Another's may have taken its number. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
