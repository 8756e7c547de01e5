#!/usr/bin/env node
import { RemovalRefused } from '../session-source.js'
import { processStat } from '../collectors/ftp/os/proc.js'
import { isProgram, programOf } from '../collectors/ftp/os/program.js'
import { servers } from '../collectors/ftp/servers.js'

/*
 * adminjs-sessions-end PID STARTTICKS [force]
 *
 * Ends one FTP session for a back office that may not: run by it as root, through sudo. It trusts nobody: the process
 * must be a session by what its server itself says, whatever the caller says. With `force` by SIGKILL; every check is the
 * same.
 */

/** How it ends, with a line on stderr for all but the first. */
const EXIT = { asked: 0, badArguments: 2, alreadyGone: 3, refused: 4, failed: 5 }

async function main(args: string[]): Promise<[code: number, line: string]> {
  const numbers = args
    .slice(0, 2)
    .filter((arg) => /^[1-9]\d{0,14}$/.test(arg))
    .map(Number)
  const force = args.length === 3 && args[2] === 'force'
  if (numbers.length !== 2 || (args.length !== 2 && !force)) {
    return [EXIT.badArguments, 'usage: adminjs-sessions-end PID STARTTICKS [force]']
  }
  const [pid, startTicks] = numbers as [number, number]
  const gone: [number, string] = [EXIT.alreadyGone, `There is no process ${pid} that began at tick ${startTicks}.`]
  try {
    const session = processStat(pid)
    if (session?.startTicks !== startTicks) return gone
    const program = programOf(session)
    const ways = servers.flatMap(({ asRoot }) => asRoot ?? [])
    // Root sees the program itself: its short name, which a process may choose, is not enough.
    const way = program?.file ? ways.find((one) => isProgram(one.program, program)) : undefined
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

const [code, line] = await main(process.argv.slice(2))
if (line) process.stderr.write(`${line}\n`)
process.exitCode = code
