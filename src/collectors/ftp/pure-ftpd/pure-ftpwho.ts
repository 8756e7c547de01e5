import { decodeName } from '../../../text/decode-name.js'
import { type Finished, ProgramFailed, runProgram } from '../os/run-program.js'

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

/** A session as `pure-ftpwho -n -s` prints it. */
export interface WhoRow {
  pid: number
  /** Null before logon. */
  account: string | null
  /** `ERR!` in a state that pure-ftpwho does not know. */
  state: 'IDLE' | 'DL' | 'UL' | 'ERR!'
  /** The file that is moved, as the client typed it; empty between transfers. */
  file: string
  peer: string
  local: string
  port: number
  /** Bytes moved so far, the resume offset included, rounded down to whole KiB. */
  currentBytes: number
  /** Of a download: the file's size, rounded down to whole KiB; else 0. */
  totalBytes: number
}

/** What was read is not what `pure-ftpwho -n -s` prints. The message says what was found. */
export class WhoError extends Error {
  override readonly name = 'WhoError'
}

/**
 * Reads what `pure-ftpwho -n -s` printed: a session a line, twelve fields with `|` between them,
 * `pid|acct|time|state|file|peer|local|port|current|total|%|bandwidth`, as its `-h` says. Within a field `|` and `\` have
 * a `\` before them, and control characters have become `_`.
 * @param output its bytes, which are in no encoding: names are as clients sent them
 * @throws WhoError at the first line of another shape
 */
export function readWho(output: Buffer): WhoRow[] {
  return output
    .toString('latin1')
    .split('\n')
    .flatMap((line, index) => (line === '' ? [] : [readRow(line, index + 1)]))
}

function readRow(line: string, number: number): WhoRow {
  const fields = (`|${line}`.match(FIELD) ?? []).map((field) => field.slice(1).replace(/\\([^])/g, '$1'))
  const [pid, account, time, state, file, peer, local, port, current, total, percent, bandwidth] = fields
  const numbers = [pid, time, port, current, total, percent, bandwidth]
  const known = STATES.find((one) => one === state?.trim())
  if (fields.length !== 12 || !known || !numbers.every((one) => /^\d{1,15}$/.test(one!))) {
    throw new WhoError(
      `line ${number} is ${JSON.stringify(decodeName(Buffer.from(line.slice(0, 200), 'latin1')))}, ` +
        'where 12 fields were expected: pid|acct|time|state|file|peer|local|port|current|total|%|bandwidth',
    )
  }
  return {
    pid: Number(pid),
    account: account === '?' ? null : decodeName(Buffer.from(account!, 'latin1'), account!.length >= ACCOUNT_FIELD),
    state: known,
    file: decodeName(Buffer.from(file!, 'latin1'), file!.length >= FILE_FIELD),
    peer: peer!,
    local: local!,
    port: Number(port),
    currentBytes: Number(current) * 1024,
    totalBytes: Number(total) * 1024,
  }
}

/** A field with the `|` before it. */
const FIELD = /\|(?:[^|\\]|\\[^])*/g
const STATES = ['IDLE', 'DL', 'UL', 'ERR!'] as const
/** Bytes that the server keeps of a name: FTPWhoEntry in its src/ftpwho-update.h. */
const FILE_FIELD = 1023
const ACCOUNT_FIELD = 128
