import { decodePart, isPlain } from '../../../text/decode-name.js'

/*
 * ProFTPD's scoreboard: a header, then slots of equal size, one for each session, free where the pid is 0.
 * The layout is that of the C structures pr_scoreboard_header_t and pr_scoreboard_entry_t (include/scoreboard.h),
 * unchanged from 1.3.5a to 1.3.9, on 64-bit little-endian Linux, built with IPv6 and with the default
 * PR_TUNABLE_SCOREBOARD_BUFFER_SIZE of 80, as distributions do.
 */

/** Bytes of the header. */
export const HEADER_SIZE = 32
/** Bytes of a slot. */
export const ENTRY_SIZE = 624

const MAGIC = 0xdeadbeefn
const VERSION = 0x01040003n

export interface ScoreboardHeader {
  /** The pid of the master process; 0 where ProFTPD is run by inetd and has none. */
  masterPid: number
  /** When the master began, in seconds since 1970. */
  startedAt: number
}

/** One session as ProFTPD keeps it. Numbers and texts are taken as they stand; `plausible` says whether they can be true. */
export interface ScoreboardEntry {
  /** The number of its slot, from 0. It keeps it all its life. */
  slot: number
  pid: number
  /** The login's user, at most 31 bytes; `(none)` before logon; for an anonymous one the system user of its `<Anonymous>`. */
  user: string
  userCut: boolean
  /** The virtual host's ServerName, at most 31 bytes. */
  serverLabel: string
  clientAddress: string
  /** Its name in DNS where ProFTPD asks for that (`UseReverseDNS on`), else the address again; at most 79 bytes. */
  clientName: string
  /** `ftp`, `ftps`, `sftp`, `scp`; `ssh2` before an SSH connection's purpose is known. */
  protocol: string
  /** The current directory as the client sees it, at most 79 bytes; empty before logon. */
  cwd: string
  cwdCut: boolean
  /** The running command; empty or `idle` where none runs. */
  command: string
  /** The words of its argument with a blank between them, at most 79 bytes: see `isArgument`. */
  argument: string
  argumentCut: boolean
  /** The end of the last command, in seconds since 1970: the start of the one that runs. 0 before logon. */
  idleSince: number
  /** When it connected, in seconds since 1970. */
  beganAt: number
  /** Of a download: bytes that were to be sent when it began, so without those that a resumed one had. Never cleared. */
  transferSize: number
  /** Of a download: bytes handed to the kernel. Never cleared; stands still where sendfile(2) is used. */
  transferDone: number
  /** Of an upload or a download: bytes moved. Kept from the transfer before until the present one first updates it. */
  transferLength: number
  /** Whether the entry can be true at all. */
  plausible: boolean
}

/** The file is no scoreboard that this package reads. The message says what was found and what to do. */
export class ScoreboardError extends Error {
  override readonly name = 'ScoreboardError'
}

/**
 * Reads the header, and checks the whole file's layout by it.
 * @throws ScoreboardError where it is no scoreboard, one of another layout, empty or cut off
 */
export function readHeader(file: Buffer): ScoreboardHeader {
  if (file.length === 0)
    throw new ScoreboardError(
      'it is empty, where at least a header was expected: ProFTPD is just starting, or has failed to',
    )
  if (file.length >= 16) checkLayout(file)
  if (file.length < HEADER_SIZE)
    throw new ScoreboardError(`it ends after ${file.length} bytes, in the middle of its header of ${HEADER_SIZE}`)
  const tail = (file.length - HEADER_SIZE) % ENTRY_SIZE
  if (tail) {
    const slot = Math.floor((file.length - HEADER_SIZE) / ENTRY_SIZE)
    throw new ScoreboardError(
      `it ends ${tail} bytes into slot ${slot}, where slots of ${ENTRY_SIZE} bytes were expected: ` +
        'it was cut off, or this ProFTPD was built with other sizes (--disable-ipv6, a 32-bit build, another PR_TUNABLE_SCOREBOARD_BUFFER_SIZE)',
    )
  }
  return { masterPid: file.readInt32LE(16), startedAt: Number(file.readBigInt64LE(24)) }
}

function checkLayout(file: Buffer): void {
  const [magic, version] = [file.readBigUInt64LE(0), file.readBigUInt64LE(8)]
  if (magic !== MAGIC) {
    throw new ScoreboardError(
      `it begins with ${hex(magic)}, where a ProFTPD scoreboard of a 64-bit build begins with ${hex(MAGIC)}: ` +
        'give the path that ScoreboardFile has in proftpd.conf',
    )
  }
  if (version !== VERSION) {
    throw new ScoreboardError(
      `its format has version ${hex(version)}, where ${hex(VERSION)} was expected (ProFTPD 1.3.5a to 1.3.9): ` +
        'a newer adminjs-sessions may know it',
    )
  }
}

const hex = (value: bigint) => `0x${value.toString(16)}`

/** Every slot that is taken, in order. Give it a file that `readHeader` has accepted. */
export function* readEntries(file: Buffer): Generator<ScoreboardEntry> {
  for (let slot = 0; HEADER_SIZE + (slot + 1) * ENTRY_SIZE <= file.length; slot++) {
    const offset = HEADER_SIZE + slot * ENTRY_SIZE
    if (file.readInt32LE(offset) !== 0) yield readEntry(file, offset, slot)
  }
}

/** One slot; `offset` is where it begins in `bytes`. */
export function readEntry(bytes: Buffer, offset: number, slot: number): ScoreboardEntry {
  // The ends of the texts are looked for in a string, which is far cheaper than in a Buffer.
  const raw = bytes.toString('latin1', offset, offset + ENTRY_SIZE)
  let terminated = true
  let cut = false
  const text = (start: number, size: number): string => {
    const end = raw.indexOf('\0', start)
    const length = end < 0 ? size : Math.min(end - start, size)
    if (length === size) terminated = false
    // Names are cut at a whole character, so a cut one may be up to three bytes shorter than its field.
    cut = length >= size - 4
    if (length === 0) return ''
    // V8 copies so short a slice; a longer one would keep the whole entry in memory.
    const short = length < 13 ? raw.slice(start, start + length) : ''
    return short !== '' && isPlain(short) ? short : decodePart(bytes, offset + start, offset + start + length, cut)
  }
  // Two halves are read in a third of the time that a BigInt takes.
  const number = (start: number): number =>
    bytes.readInt32LE(offset + start + 4) * 2 ** 32 + bytes.readUInt32LE(offset + start)

  const entry: ScoreboardEntry = {
    slot,
    pid: bytes.readInt32LE(offset),
    user: text(12, 32),
    userCut: cut,
    serverLabel: text(128, 32),
    clientAddress: text(160, 46),
    clientName: text(206, 80),
    protocol: text(318, 32),
    cwd: text(350, 80),
    cwdCut: cut,
    command: text(430, 65),
    argument: text(495, 80),
    argumentCut: cut,
    idleSince: number(576),
    beganAt: number(584),
    transferSize: number(592),
    transferDone: number(600),
    transferLength: number(608),
    plausible: false,
  }
  entry.plausible = terminated && isPlausible(entry)
  return entry
}

/** A clock that was set back makes times lie ahead, though hardly by more than a day. */
const DAY = 86_400

function isPlausible(entry: ScoreboardEntry): boolean {
  const latest = Date.now() / 1000 + DAY
  const { pid, user, idleSince, beganAt, transferSize, transferDone, transferLength } = entry
  const [times, sizes] = [
    [idleSince, beganAt],
    [transferSize, transferDone, transferLength],
  ]
  return (
    pid > 1 &&
    user !== '' &&
    beganAt > 0 &&
    times.every((time) => time >= 0 && time < latest) &&
    sizes.every((size) => size >= 0 && size <= Number.MAX_SAFE_INTEGER)
  )
}
