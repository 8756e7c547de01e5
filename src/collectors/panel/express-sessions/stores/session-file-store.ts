import type { SessionData, Store } from 'express-session'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inGroups } from '../../../../timing/event-loop.js'
import { called } from '../store-calls.js'
import { watchDirectory } from '../../../watch-directory.js'
import { dateOf } from './listed-shapes.js'
import { ofKnownShape, type Reader, type StoredSession, type Unguarded } from './store-reader.js'

interface FileStore {
  options: {
    path: string
    fileExtension: string
    encoding: BufferEncoding
    decoder(text: string): SessionData & { __lastAccess?: number }
    /** Seconds. */
    ttl: number
    secret?: unknown
  }
}

/** write-file-atomic, which the store uses, writes here first: `<session file>.<a number>`. */
const unfinished = /\.\d+$/

/**
 * session-file-store has no `all()`: reads its directory, and only reads. Never through a second FileStore, whose reaper
 * and whose `get` delete what they do not understand.
 */
export function sessionFiles(store: Store, unguarded: Unguarded): Reader {
  const { path, fileExtension, encoding, decoder, ttl, secret } = ofKnownShape<FileStore>(store, 'options').options
  if (secret !== undefined && secret !== null) {
    throw new TypeError(
      'FileStore keeps its sessions encrypted, so they cannot be listed. Leave out its option secret.',
    )
  }
  let names = new Set<string>()

  const isSessionFile = (name: string) => name.endsWith(fileExtension) && !unfinished.test(name)

  function read(name: string): StoredSession[] {
    let text: string
    try {
      text = readFileSync(join(path, name), encoding)
    } catch (error) {
      // It ended since the directory was read.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      // eslint-disable-next-line preserve-caught-error -- the cause has the session id in it
      throw new Error(`A session file in ${path} could not be read: ${(error as NodeJS.ErrnoException).code}.`)
    }
    let session: ReturnType<typeof decoder>
    try {
      session = decoder(text)
    } catch {
      throw new Error(`A file ending in ${fileExtension} in ${path} is not a session: it can't be decoded. Remove it.`)
    }
    // The store's own rule.
    const lifetime = session.cookie?.originalMaxAge || ttl * 1000
    const expiresAt = dateOf((session.__lastAccess ?? NaN) + lifetime)
    if (!expiresAt || expiresAt.getTime() < Date.now()) return []
    return [{ sid: name.slice(0, name.length - fileExtension.length), session, expiresAt }]
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
    async destroy(sid, signal) {
      await called((callback) => unguarded.destroy(sid, callback), signal)
    },
    watch: (changed, signal) =>
      watchDirectory(
        path,
        (name) => {
          // Each request writes its session's file anew; what matters here is that one has come or gone.
          if (isSessionFile(name) && names.has(name) !== existsSync(join(path, name))) changed()
        },
        signal,
      ),
  }
}
