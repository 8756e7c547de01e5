import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ListedPanelSession, PanelSource } from '../../../session-source.js'
import { inEnglish, type Said } from '../../../text/said.js'
import { inGroups, inSlices, lettingGo } from '../../../timing/event-loop.js'
import { absolutePath, aFunction, checkOptions, optionsOf, sourceName, text } from '../../check-options.js'
import { Refusal } from '../../refusal.js'
import { pageSize } from '../by-pages.js'
import { endUnlessChanged } from '../end-unless-changed.js'
import { LeftOut } from '../left-out.js'
import { sessionKey } from '../session-key.js'
import { tellAll, type Told, type ToldSession } from '../told-session.js'
import { DirectoryWatch } from './directory-watch.js'
import { phpSerialized, phpSession } from './php-session.js'
import { NoPlainFile, readPlainFile, removeUnlessChanged } from './plain-file.js'
import { directoryNow, hasNested, missingRights, namesIn } from './session-directory.js'

/** Options of `sessionFiles`. */
export interface SessionFilesOptions<Data = Record<string, unknown>, Found = unknown> {
  /**
   * The directory that holds the sessions, a file each.
   * @example '/var/lib/php/sessions'
   */
  directory: string
  /**
   * How a session is written: `'json'`, or `'php'` or `'php_serialize'` as PHP's `session.serialize_handler` calls them;
   * or a function that reads a file's bytes. It throws where they are no session.
   * @default 'json'
   * @example
   * decode: (content) => msgpack.decode(content)
   */
  decode?: 'json' | 'php' | 'php_serialize' | ((content: Buffer, name: string) => Data)
  /**
   * Which files are sessions; what its first group finds in a name is the session's id. Default: `/^sess_([\w,-]+)$/` for
   * PHP's, `/^(.+)\.json$/` for `'json'`. With a `decode` of your own it must be given.
   */
  files?: RegExp
  /**
   * Who is logged in to a session, out of its data; null where nobody is. What it leaves out is unknown, but for
   * `lastActiveAt`, which is when the file was written last.
   *
   * @param data what was decoded; a PHP array or object is an object that inherits nothing
   * @param found what `lookup` has found
   * @example
   * session: ({ user, ip }) => (user ? { login: user.name, type: 'administrator', ip } : null)
   */
  session(data: Data, found: Found): ToldSession | null | undefined
  /**
   * Looks up for many sessions at once what is not in their data, for `session`. Called at each look for every 1,000 files.
   *
   * @example
   * lookup: async (sessions: { userId?: number }[]) => namesOf(sessions.map(({ userId }) => userId)),
   * session: ({ userId }, names) => (userId ? { login: names.get(userId) } : null)
   */
  lookup?(sessions: Data[]): Found | Promise<Found>
  /**
   * For how many seconds after it was last written a session is good, as PHP's `session.gc_maxlifetime`: says when each
   * ends by itself. Default: that is unknown.
   * @example 1440
   */
  lifetime?: number
  /**
   * The source's name, unique on its host: give each its own where there are several.
   * @default 'session-files'
   */
  name?: string
  /**
   * A name for the place of the directory, where several machines read it: each session is one row then, and not one for
   * each machine. Default: this machine.
   */
  host?: string
}

type Decode = (content: Buffer, name: string) => unknown

const php = /^sess_([\w,-]+)$/
const formats: Record<string, { files: RegExp; decode: Decode }> = {
  json: { files: /^(.+)\.json$/, decode: (content) => JSON.parse(content.toString('utf8')) as unknown },
  php: { files: php, decode: phpSession },
  php_serialize: { files: php, decode: phpSerialized },
}

const lifetimes = 'a number of seconds, 1 to 1,000,000,000'
const isFormat = (value: unknown) => typeof value === 'string' && Object.hasOwn(formats, value)
/** With `g` or `y` it would go on from where it was in another name. */
const findsId = (value: unknown) =>
  value instanceof RegExp &&
  !value.global &&
  !value.sticky &&
  new RegExp(`${value.source}|`, value.flags).exec('')!.length > 1

const shape = optionsOf({
  directory: absolutePath,
  decode: z
    .custom<'json' | Decode>((value) => typeof value === 'function' || isFormat(value), {
      error: "'json', 'php', 'php_serialize' or a function",
    })
    .default('json'),
  files: z.custom<RegExp>(findsId, { error: 'a RegExp without the flags g and y, with a group' }).optional(),
  session: aFunction<SessionFilesOptions['session']>(),
  lookup: aFunction<NonNullable<SessionFilesOptions['lookup']>>().optional(),
  lifetime: z.number({ error: lifetimes }).min(1, { error: lifetimes }).max(1e9, { error: lifetimes }).optional(),
  name: sourceName.default('session-files'),
  host: text('a text').optional(),
})

function checked(options: unknown) {
  const { decode, files, ...others } = checkOptions('sessionFiles', shape, options ?? {})
  const format = typeof decode === 'string' ? formats[decode]! : { decode, files: undefined }
  const pattern = files ?? format.files
  if (pattern === undefined) {
    throw new TypeError(
      'sessionFiles: option "files" is missing; expected a RegExp that says which files are sessions, as decode is a function.',
    )
  }
  return { ...others, decode: format.decode, files: pattern }
}

/** A file that is empty or makes no sense may be half written; so old it is not, in ms. */
const unsettledFor = 2_000
/** ms until it is read again. */
const readAgainAfter = 50

const advice = {
  some: (them: string) => `Remove ${them}, or let the back office read ${them}: see docs/session-files.md.`,
  all: 'Is decode what wrote them, and may the back office read them? See docs/session-files.md.',
}

/** A session's file as it was read. */
interface Reading {
  name: string
  key: string
  /** What its content is; undefined where it is `damaged`. */
  data?: object
  damaged?: Said
  writtenAt: Date | null
  version: string
  /** It may be half written. */
  isUnsettled: boolean
}

/**
 * Who is logged in to a panel that keeps its sessions in files, whatever its language: PHP's own, session-file-store's,
 * any other's with a `decode` of its own. See docs/session-files.md.
 *
 * @throws TypeError where an option is not what it should be
 * @example
 * sessionFiles({
 *   directory: '/var/lib/panel-sessions',
 *   decode: 'php',
 *   session: ({ user }: { user?: string }) => (user ? { login: user } : null),
 * })
 */
export function sessionFiles<Data = Record<string, unknown>, Found = unknown>(
  options: SessionFilesOptions<Data, Found>,
): PanelSource {
  const { directory, decode, files, lifetime, name, host } = checked(options)
  const watch = new DirectoryWatch(directory, (file) =>
    idOf(file) === undefined ? undefined : (listed?.has(file) ?? false),
  )
  /** The names of the files of the latest list, and whether somebody was logged in; null before the first. */
  let listed: ReadonlyMap<string, boolean> | null = null
  let leftOut = new LeftOut(advice)
  let doubt: string | null = null

  const idOf = (file: string) => files.exec(file)?.[1]

  function read(file: string): Reading | null {
    const id = idOf(file)!
    const found = readPlainFile(join(directory, file))
    if (found === null) return null
    const key = sessionKey(id)
    if (found instanceof NoPlainFile) {
      return { name: file, key, damaged: found.what, writtenAt: null, version: '', isUnsettled: false }
    }
    const { content, writtenAt, version } = found
    const isFresh = Date.now() - writtenAt.getTime() < unsettledFor
    const reading = { name: file, key, writtenAt, version }
    const what = decoded(content, file)
    // PHP empties a file before it writes into it.
    return { ...reading, ...what, isUnsettled: isFresh && ('damaged' in what || content.length === 0) }
  }

  /** The data, or what there is in its place. */
  function decoded(content: Buffer, file: string): { data: object } | { damaged: Said } {
    const values = { bytes: content.length }
    try {
      const data = decode(content, file)
      return typeof data === 'object' && data !== null ? { data } : { damaged: { key: 'bytesOfNone', values } }
    } catch {
      // The decoder's own message would show what is in it.
      return { damaged: { key: 'bytesUndecoded', values } }
    }
  }

  function* readAll(names: string[]): Generator<void, Reading[]> {
    const readings: Reading[] = []
    for (const file of names) {
      const reading = read(file)
      if (reading) readings.push(reading)
      yield
    }
    return readings
  }

  const tell = (readings: Reading[]): Promise<Told[]> =>
    tellAll(
      'sessionFiles',
      'session',
      options,
      readings.map(({ data, writtenAt }) => ({
        data: data as Data,
        otherwise: {
          lastActiveAt: writtenAt,
          expiresAt: lifetime && writtenAt ? new Date(writtenAt.getTime() + lifetime * 1000) : null,
        },
      })),
    )

  async function list(signal: AbortSignal): Promise<ListedPanelSession[]> {
    signal.throwIfAborted()
    const before = directoryNow(directory)
    const names = new Set<string>()
    const others: string[] = []
    for await (const file of namesIn(directory)) {
      if (idOf(file) === undefined) others.push(file)
      else names.add(file)
    }
    const found = names.size
    // A file that is written anew while the directory is read may be missed by that: those of the last list are looked for.
    await inSlices(listed?.keys() ?? [], signal, (name) => names.add(name))
    const sessions = new Map<string, ListedPanelSession>()
    const missing = new LeftOut(advice)
    const there = new Map<string, boolean>()
    let unsettled: string[] = []
    const take = async (group: string[], waits: (name: string) => boolean) => {
      signal.throwIfAborted()
      const readings: Reading[] = []
      for (const reading of await lettingGo(readAll(group))) {
        if (reading.isUnsettled && waits(reading.name)) unsettled.push(reading.name)
        else readings.push(reading)
      }
      const whole = readings.filter(({ data }) => data !== undefined)
      const told = await tell(whole)
      await inSlices(readings, signal, ({ name, key, damaged }) => {
        there.set(name, false)
        if (damaged !== undefined) missing.addDamaged(key, inEnglish([damaged]))
      })
      await inSlices(whole.entries(), signal, ([i, { name, key }]) => {
        missing.addRead(told[i]!)
        if (!told[i]) return
        const { unread: _, ...fields } = told[i]
        sessions.set(key, { ...fields, key, handle: name })
        there.set(name, true)
      })
    }
    for await (const group of inGroups([...names], pageSize)) await take(group, () => true)
    // On a busy machine PHP leaves a file empty for longer than that. Where nobody was logged in, nobody is missed.
    const wasSomeone = (name: string) => listed === null || listed.get(name) === true
    const giveUpAt = performance.now() + unsettledFor
    while (unsettled.length > 0) {
      await sleep(readAgainAfter, undefined, { signal })
      const again = unsettled
      unsettled = []
      const waits = (name: string) => wasSomeone(name) && performance.now() < giveUpAt
      for await (const group of inGroups(again, pageSize)) await take(group, waits)
    }
    missing.check()
    if (there.size === 0 && hasNested(directory, others)) {
      throw new Error(
        `The sessions in ${directory} are spread over directories in it, which are not gone through. Where PHP writes ` +
          'them, leave out the number before session.save_path.',
      )
    }
    signal.throwIfAborted()
    listed = there
    leftOut = missing
    doubt =
      found === 0 && others.length > 0
        ? `Of the ${others.length} files in ${directory} none has a name as sessions have (${files}): check the option files.`
        : null
    watch.hasRead(before)
    return [...sessions.values()]
  }

  async function end({ login, handle }: ListedPanelSession, signal: AbortSignal): Promise<'asked' | 'already-gone'> {
    const file = handle as string
    const giveUpAt = performance.now() + unsettledFor
    return endUnlessChanged(login, signal, async () => {
      let reading = read(file)
      while (reading?.isUnsettled && performance.now() < giveUpAt) {
        await sleep(readAgainAfter, undefined, { signal })
        reading = read(file)
      }
      if (reading === null) return null
      if (reading.damaged !== undefined) {
        throw new Refusal('fileChanged', { found: reading.damaged })
      }
      const [told] = await tell([reading])
      const { version } = reading
      return { login: told ? told.login : undefined, remove: async () => remove(file, version) }
    })
  }

  function remove(file: string, version: string): boolean {
    try {
      return removeUnlessChanged(join(directory, file), version)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new Refusal('fileKept', {
        directory,
        user: process.geteuid?.() ?? { key: 'ofBackOffice' },
        code: String(code),
      })
    }
  }

  return {
    ...{ name, host, kind: 'panel', evidence: 'live', list, end },
    start: (site, signal) => watch.run(() => site.changed(), signal),
    warnings: () => [...leftOut.sentences(), ...(doubt === null ? [] : [doubt]), ...watch.warnings()],
    endsBy: `removing its file from ${directory}.`,
    missingRights: async () => missingRights(directory),
  }
}
