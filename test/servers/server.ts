import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'

export { freePort } from './free-port.mjs'

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
  await printed(child, ready, `${program} ${args.join(' ')}`)
  return {
    pid: child.pid!,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
  }
}

function printed(child: ChildProcess, ready: RegExp, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = ''
    const take = (chunk: Buffer) => {
      output = (output + chunk).slice(-10_000)
      if (ready.test(output)) resolve()
    }
    child.stdout!.on('data', take)
    child.stderr!.on('data', take)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`${command} ended with ${code} before it was ready:\n${output}`)))
  })
}
