import { accessSync, constants, statSync } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'

/** Which directory has this path just now: another one may get it. Null where there is none. */
export function directoryNow(path: string): string | null {
  try {
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true })
    return [dev, ino, birthtimeNs].join(':')
  } catch {
    return null
  }
}

/** So many names are had at a time: the names of 100,000 files in one piece hold the event loop for 0.2 s. */
const namesAtOnce = 500

/** The names of all that is in the directory, as they come. @throws an error that says what to do */
export async function* namesIn(directory: string): AsyncGenerator<string> {
  try {
    for await (const { name } of await opendir(directory, { bufferSize: namesAtOnce })) yield name
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(
      code === 'ENOENT'
        ? `There is no directory ${directory}: is it where the panel keeps its sessions, and is it mounted here?`
        : `The directory ${directory} can't be listed (${code}) by ${user()}: it needs the rights r and x on it. See docs/session-files.md.`,
      { cause: error },
    )
  }
}

/** PHP can spread sessions over directories of one character (`session.save_path = "N;/path"`), which are not gone through. */
export function hasNested(directory: string, names: string[]): boolean {
  return names.some((name) => {
    if (!/^[\w,-]$/.test(name)) return false
    return statSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory() ?? false
  })
}

/** What the back office may not do in the directory, in a sentence each. */
export function missingRights(directory: string): string[] {
  const may = (mode: number) => {
    try {
      accessSync(directory, mode)
      return true
    } catch {
      return false
    }
  }
  const { R_OK, W_OK, X_OK } = constants
  if (!may(R_OK | X_OK)) return [`${directory} can't be listed by ${user()}: it needs the rights r and x on it.`]
  if (!may(W_OK)) return [`No session can be ended by ${user()}: it needs the right w on ${directory}.`]
  const uid = process.geteuid?.()
  const { mode, uid: owner } = statSync(directory)
  const isSticky = (mode & 0o1000) !== 0
  return isSticky && uid !== 0 && uid !== owner
    ? [`${directory} is sticky: ${user()} can end only the sessions whose files are its own.`]
    : []
}

/** Who the back office runs as. */
const user = () => `user ${process.geteuid?.() ?? 'of the back office'}`
