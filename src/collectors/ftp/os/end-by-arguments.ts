import { RemovalRefused } from '../../../session-source.js'
import { EXIT } from './end-process.js'
import { type ProcessStat, processStat } from './proc.js'
import { isProgram, programOf } from './program.js'

/** How root ends the sessions of one server. */
export interface WayAsRoot {
  /** The server's program, as `isProgram` knows it. */
  program: string
  /** Gives what ends a session; only the server's that is asked for is loaded. */
  load(): Promise<EndAsRoot>
}

/**
 * Ends the session of a process, of which no more is known than that it runs the server's program: that it is a session
 * has to follow from what the server itself says.
 *
 * @throws RemovalRefused where it is none
 */
export type EndAsRoot = (process: ProcessStat, force: boolean) => Promise<'asked' | 'already-gone'>

/**
 * The whole of a program that root runs for a back office that is not, through sudo: `PROGRAM PID STARTTICKS [force]`, as
 * `orAsRoot` calls it. It trusts nobody: what is not a session of one of these servers is left alone, whatever the caller
 * says. Writes why not to stderr, and sets the exit code.
 *
 * Let sudoers allow it with two numbers, and nothing else, as in docs/servers/proftpd.md.
 *
 * @param called its name, for who calls it wrongly
 * @param args `process.argv.slice(2)`
 * @example
 * #!/usr/bin/env node
 * await endByArguments('my-ftpd-end', process.argv.slice(2), [{ program: 'my-ftpd', load: async () => endMySession }])
 */
export async function endByArguments(
  called: string,
  args: readonly string[],
  ways: readonly WayAsRoot[],
): Promise<void> {
  const [code, line] = await ended(called, args, ways)
  if (line) process.stderr.write(`${line}\n`)
  process.exitCode = code
}

async function ended(
  called: string,
  args: readonly string[],
  ways: readonly WayAsRoot[],
): Promise<[code: number, line: string]> {
  const numbers = args
    .slice(0, 2)
    .filter((arg) => /^[1-9]\d{0,14}$/.test(arg))
    .map(Number)
  const force = args.length === 3 && args[2] === 'force'
  if (numbers.length !== 2 || (args.length !== 2 && !force)) {
    return [EXIT.badArguments, `usage: ${called} PID STARTTICKS [force]`]
  }
  const [pid, startTicks] = numbers as [number, number]
  const gone: [number, string] = [EXIT.alreadyGone, `There is no process ${pid} that began at tick ${startTicks}.`]
  try {
    const session = processStat(pid)
    if (session?.startTicks !== startTicks) return gone
    const program = programOf(session)
    // Its short name, which every user sees, a process may choose.
    if (program && !program.file) return [EXIT.refused, `Which program process ${pid} runs, only root may see.`]
    const way = ways.find((one) => isProgram(one.program, program))
    if (!way) {
      const known = ways.map((one) => one.program).join(', ')
      return [EXIT.refused, `Process ${pid} runs ${program?.path ?? 'no program'}, not ${known}.`]
    }
    const end = await way.load()
    return (await end(session, force)) === 'asked' ? [EXIT.asked, ''] : gone
  } catch (error) {
    return [error instanceof RemovalRefused ? EXIT.refused : EXIT.failed, (error as Error).message]
  }
}
