import { spawn, type SpawnOptions } from 'node:child_process'
import { printed } from '../../examples/servers/printed.mjs'

export { freePort } from '../../examples/servers/free-port.mjs'

export interface RunningServer {
  pid: number
  /** Ends it and waits until it has gone. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

/**
 * Starts a program that stays in the foreground and waits until it prints `ready`, on either of its outputs.
 * @throws with all that it printed, when it ends before.
 */
export async function startServer(
  program: string,
  args: string[],
  ready: RegExp,
  options: SpawnOptions = {},
): Promise<RunningServer> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  }).then(() => void process.removeListener('exit', killAtExit))
  await printed(child, ready, [program, ...args].join(' '))
  return {
    pid: child.pid!,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
  }
}
