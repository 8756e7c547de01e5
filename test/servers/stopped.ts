import { readFileSync } from 'node:fs'
import { until } from '../until.js'

/** Stops a process, as one is that hangs: it obeys nothing but SIGKILL. A signal that comes before it has stopped would still end it. */
export async function stopped(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await until(`process ${pid} has stopped`, () => /^\d+ \(.*\) T/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1')))
}
