import type { SessionData } from 'express-session'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inGroups } from '../../../../../timing/event-loop.js'
import { watchComings } from '../../../../watch-directory.js'
import { dateOf, decoded } from './listed-shapes.js'
import { byItsOwn, Damaged, hasShape, type KnownStore, type StoredSession } from './store-reader.js'

type Session = SessionData & { __lastAccess?: number }

interface FileStore {
  options: {
    path: string
    fileExtension: string
    encoding: BufferEncoding
    decoder(text: string): unknown
    /** Seconds. */
    ttl: number
    secret?: unknown
  }
}

/** What keeps one file from being read, and says nothing of the others. */
const ofTheFile = ['EACCES', 'EPERM', 'EISDIR', 'EIO', 'ELOOP']

/** write-file-atomic, which the store uses, writes here first: `<session file>.<a number>`. */
const unfinished = /\.\d+$/

function writtenAt(path: string): string {
  try {
    return ` that was written at ${statSync(path).mtime.toISOString()}`
  } catch {
    return ''
  }
}

/**
 * session-file-store has no `all()`: reads its directory, and only reads. Never through a second FileStore, whose reaper
 * and whose `get` delete what they do not understand.
 */
export const sessionFileStore: KnownStore = {
  is: (store) => hasShape(store, { options: { path: 'string', fileExtension: 'string', decoder: 'function' } }),

  reader(store, unguarded) {
    const { path, fileExtension, encoding, decoder, ttl, secret } = (store as unknown as FileStore).options
    if (secret !== undefined && secret !== null) {
      throw new TypeError(
        'FileStore keeps its sessions encrypted, so they cannot be listed. Leave out its option secret.',
      )
    }
    let names = new Set<string>()

    const isSessionFile = (name: string) => name.endsWith(fileExtension) && !unfinished.test(name)

    function read(name: string): StoredSession[] {
      const sid = name.slice(0, name.length - fileExtension.length)
      let text: string
      try {
        text = readFileSync(join(path, name), encoding)
      } catch (error) {
        // It ended since the directory was read.
        const { code } = error as NodeJS.ErrnoException
        if (code === 'ENOENT') return []
        if (ofTheFile.includes(code ?? '')) return [damaged(sid, new Damaged(`what can't be read (${code})`), name)]
        // eslint-disable-next-line preserve-caught-error -- the cause has the session id in it
        throw new Error(`A session file in ${path} could not be read: ${code}.`)
      }
      const session = decoded(text, decoder)
      if (session instanceof Damaged) return [damaged(sid, session, name)]
      // The store's own rule.
      const { cookie, __lastAccess = NaN } = session as Session
      const lifetime = cookie?.originalMaxAge || ttl * 1000
      const expiresAt = dateOf(__lastAccess + lifetime)
      if (!lifetime || (expiresAt && expiresAt.getTime() < Date.now())) return []
      return [{ sid, session, expiresAt }]
    }

    function damaged(sid: string, { what }: Damaged, name: string): StoredSession {
      return {
        sid,
        session: new Damaged(`${what}, in a file in ${path}${writtenAt(join(path, name))}`),
        expiresAt: null,
      }
    }

    return {
      async all(signal) {
        names = new Set(readdirSync(path).filter(isSessionFile))
        const sessions: StoredSession[] = []
        // Synchronously, a few at a time: through the thread pool small files take four times as long.
        for await (const group of inGroups([...names], 50)) {
          signal.throwIfAborted()
          sessions.push(...group.flatMap(read))
        }
        return sessions
      },
      has: async (sid) => read(sid + fileExtension).length > 0,
      destroy: byItsOwn(unguarded),
      watch: (changed, signal) =>
        watchComings(path, (name) => (isSessionFile(name) ? names.has(name) : undefined), changed, signal),
    }
  },
}
