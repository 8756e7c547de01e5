import { execFile, type ExecFileException } from 'node:child_process'

/** What a program printed and how it ended. */
export interface Finished {
  code: number
  /** Read as UTF-8; what is none has U+FFFD in its place. */
  stdout: string
  stderr: string
  /** What `stdout` was read from: names are bytes in no encoding, see `decodeName`. */
  bytes: Buffer
}

/** What a program gets, and what it may take. */
export interface ProgramLimits {
  /** ms that it may run; 30,000 if not given. */
  timeout?: number
  /** Bytes that it may print; 16 MiB if not given. */
  maxOutput?: number
  /** Its environment; this process's if not given. */
  env?: NodeJS.ProcessEnv
}

/** Thrown where a program did not come to an end of its own. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed'

  /** @param why there is none; it may not be run; it ran or printed for too long; a signal ended it; anything else */
  constructor(
    message: string,
    readonly why: 'missing' | 'forbidden' | 'too-slow' | 'too-long' | 'killed' | 'other',
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * Runs a program and waits for its end. There is no shell: nothing in an argument is ever a command. Its input is empty.
 * With which code it ended is for the caller to judge.
 *
 * @param program a path, or a name to be found on the PATH
 * @throws ProgramFailed where it cannot be started, takes too long, prints too much, or is ended by a signal; the reason
 * of `signal` where that is aborted, and then the program is ended
 * @example
 * const { code, stdout } = await runProgram('ftpcount', ['-f', scoreboard], signal)
 * if (code !== 0) throw new Error(`ftpcount ended with ${code}, where 0 was expected.`)
 */
export function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  { timeout = 30_000, maxOutput = 16 << 20, env }: ProgramLimits = {},
): Promise<Finished> {
  const options = { timeout, maxBuffer: maxOutput, encoding: 'buffer' as const, signal, env }
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, bytes, stderr) => {
      const code = error ? error.code : 0
      if (typeof code === 'number') resolve({ code, stdout: bytes.toString(), stderr: stderr.toString(), bytes })
      else if (signal.aborted) reject(signal.reason as Error)
      else reject(failed(program, error!, timeout, maxOutput))
    })
    child.stdin?.end()
  })
}

function failed(program: string, error: ExecFileException, timeout: number, maxOutput: number): ProgramFailed {
  const { message } = error
  const code: unknown = error.code
  const as = (why: ProgramFailed['why'], what: string) => new ProgramFailed(what, why, { cause: error })
  if (code === 'ENOENT') return as('missing', `There is no program ${program}.`)
  if (code === 'EACCES')
    return as('forbidden', `${program} may not be run: it is no program, or a directory on the way is closed.`)
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return as('too-long', `${program} printed more than ${maxOutput / 2 ** 20} MiB.`)
  if (error.killed) return as('too-slow', `${program} did not end within ${timeout / 1000} s and was ended.`)
  if (error.signal) return as('killed', `${program} was ended by ${error.signal}.`)
  return as('other', `${program} could not be run: ${message}`)
}
