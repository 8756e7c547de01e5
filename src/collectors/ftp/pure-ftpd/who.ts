import { decodeName } from '../../../text/decode-name.js'

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
