import { readFileSync } from 'node:fs'

/**
 * What a process calls itself, as `ps` shows it, byte for byte as ISO 8859-1; empty where it has ended. Every user may
 * read it, and a process may write whatever it likes there.
 * @see `/proc/PID/cmdline` in proc(5)
 */
export function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replace(/\0[^]*$/, '')
  } catch {
    return ''
  }
}
