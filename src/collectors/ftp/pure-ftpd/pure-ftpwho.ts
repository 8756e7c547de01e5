import { type Finished, ProgramFailed, runProgram } from '../os/run-program.js'
import { readWho, WhoError, type WhoRow } from './who.js'

/**
 * Every session that Pure-FTPd has now. Only root may ask: who is not root asks through `sudo -n`.
 *
 * `-n` keeps it from asking DNS for each client's name. Its environment is nearly empty: with GATEWAY_INTERFACE in it,
 * as under a web server, it would print HTML.
 *
 * @param program the path of pure-ftpwho
 * @throws where the list cannot be had: a message for the admin
 */
export async function runWho(program: string, signal: AbortSignal): Promise<WhoRow[]> {
  const { code, bytes, stdout, stderr } = await runAsRoot(program, signal)
  if (code === 0) {
    if (stdout.includes('--with-ftpwho')) {
      throw new Error(
        `This Pure-FTPd keeps no list of its sessions: ${program} says that it was built without --with-ftpwho. ` +
          'Install one that was built with it, as distributions do.',
      )
    }
    return rowsOf(program, bytes)
  }
  // It makes its directory, /run/pure-ftpd, for the first session since the machine's start.
  if (code === 255 && stdout.length === 0) return []
  throw new Error(explainEnd(program, code, `${stderr}\n${stdout}`))
}

async function runAsRoot(program: string, signal: AbortSignal): Promise<Finished> {
  const [file, ...args] = isRoot() ? [program, '-n', '-s'] : ['sudo', '-n', program, '-n', '-s']
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' }
  try {
    return await runProgram(file!, args, signal, { timeout: 10_000, env })
  } catch (error) {
    if (!(error instanceof ProgramFailed)) throw error
    throw new Error(explainStart(file!, program, error), { cause: error })
  }
}

const isRoot = () => process.getuid?.() === 0

function rowsOf(program: string, bytes: Buffer): WhoRow[] {
  try {
    return readWho(bytes)
  } catch (error) {
    if (!(error instanceof WhoError)) throw error
    throw new Error(
      `${program} -n -s printed something that is not Pure-FTPd's list of sessions: ${error.message}. ` +
        'Is it pure-ftpwho? If it is, a newer adminjs-sessions may know its format.',
      { cause: error },
    )
  }
}

function explainStart(file: string, program: string, { why, message }: ProgramFailed): string {
  if (why !== 'missing') return message
  return file === 'sudo' ? `${explainRights(program)} There is no sudo here.` : noProgram(program)
}

function explainEnd(program: string, code: number, said: string): string {
  const shown = said.trim().slice(0, 300)
  if (/sudo: .*command not found/.test(said)) return noProgram(program)
  if (/^sudo: /m.test(said)) return `${explainRights(program)} sudo says: ${shown}`
  if (/must be root/.test(said)) return `${explainRights(program)} It says: ${shown}`
  return `${program} -n -s ended with ${code}, where 0 was expected: ${shown || 'it said nothing'}`
}

export const noProgram = (program: string) =>
  `There is no program ${program}. Is Pure-FTPd installed? If it is, give the path of its pure-ftpwho as the option \`program\`.`

const explainRights = (program: string) =>
  `Only root may list Pure-FTPd's sessions, and this back office is uid ${process.getuid?.()}. Run it as root, or allow ` +
  `it "${program} -n -s" in sudoers (docs/servers/pure-ftpd.md).`
