import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
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
 * @param within a command that runs it as its child; then that is `pid`
 * @throws with what it printed, when it ends before
 */
export async function startGreeted(
  program: string,
  port: number,
  args: string[],
  env = {},
  within: string[] = [],
): Promise<Greeted> {
  const [command, ...rest] = [...within, program, ...args]
  const child = spawn(command!, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const pid = child.pid!
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const gone = once(child, 'exit')
  const sessions = new Set<number>()
  const killAll = () => {
    for (const one of [pid, ...descendantsOf(pid), ...sessions]) signal(one, 'SIGKILL')
  }
  process.once('exit', killAll)
  await until(`a greeting of ${program}`, async () => {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}: ${output}`)
    return greets(port)
  })
  await until('the end of the session that was greeted', () => descendantsOf(pid).length === Math.sign(within.length))
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
