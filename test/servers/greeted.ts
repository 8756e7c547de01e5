import { spawn } from 'node:child_process'
import { closeSync, realpathSync } from 'node:fs'
import { once } from 'node:events'
import { connect } from 'node:net'
import { executableOf } from '../../src/collectors/ftp/os/proc.js'
import { until } from '../until.js'
import { descendantsOf } from './tree.js'

/** An FTP server that stays in the foreground and says nothing when it is ready. */
export interface Greeted {
  readonly port: number
  readonly pid: number
  /** Kills the server and nothing else, as a crash does. */
  crash(): Promise<void>
  /** Ends it, and every session of it. */
  stop(): Promise<void>
}

/**
 * Starts an FTP server and waits for its first greeting.
 *
 * @param where `within`: a command that runs it as its child; then that is `pid`. `descriptors`: what it gets as its
 *   descriptors 0, 1, 2 and so on, to be closed here; null for /dev/null
 * @throws with what it printed, when it ends before
 */
export async function startGreeted(
  program: string,
  port: number,
  args: string[],
  env = {},
  { within = [], descriptors }: { within?: string[]; descriptors?: Descriptors } = {},
): Promise<Greeted> {
  const [command, ...rest] = [...within, program, ...args]
  const stdio = descriptors ? stdioOf(descriptors) : (['ignore', 'pipe', 'pipe'] as const)
  const child = spawn(command!, rest, { stdio: [...stdio], env: { ...process.env, ...env } })
  new Set(descriptors).forEach((open) => open !== null && closeSync(open))
  const pid = child.pid!
  const executable = realpathSync(program)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const gone = once(child, 'exit')
  const sessions = new Set<number>()
  const killAll = () => {
    for (const one of [pid, ...descendantsOf(pid), ...sessions]) signal(one, 'SIGKILL')
  }
  process.once('exit', killAll)
  const runs = () => {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${output}`)
  }
  await until(`a greeting of ${program}`, () => {
    runs()
    return greets(port)
  })
  const server = () => [pid, ...descendantsOf(pid)].find((one) => executableOf(one) === executable) ?? pid
  await until('the end of the session that was greeted', () => {
    runs()
    return descendantsOf(server()).length === 0
  })
  return {
    ...{ port, pid },
    async crash() {
      descendantsOf(pid).forEach((one) => sessions.add(one))
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      killAll()
      if (child.exitCode === null && child.signalCode === null) await gone
      process.removeListener('exit', killAll)
    },
  }
}

/** Open files by number, as whoever starts a server hands them on. */
export type Descriptors = (number | null)[]

export const stdioOf = (descriptors: Descriptors) => descriptors.map((open) => open ?? ('ignore' as const))

async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    return await new Promise((resolve) => {
      socket.once('data', (data) => resolve(data.toString().startsWith('220')))
      socket.once('error', () => resolve(false))
      socket.once('close', () => resolve(false))
    })
  } finally {
    socket.destroy()
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has gone.
  }
}
