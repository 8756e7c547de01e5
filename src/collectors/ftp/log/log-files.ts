import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file that belongs to a log. */
export interface LogFile {
  path: string
  /** By `idOf`. */
  id: string
  size: number
  modifiedMs: number
}

/**
 * The files that a log consists of, oldest first: one that is `*` in its name where each day has a file of its own, or
 * one with those that rotation has made of it, `ftp.log.1`, `ftp.log-20261123`. What was packed is left out.
 *
 * @throws an error that says what is wrong with the path and what to do
 */
export async function logFiles(path: string): Promise<LogFile[]> {
  const directory = dirname(path)
  const belongs = belongsTo(basename(path))
  let names: string[]
  try {
    names = (await readdir(directory)).filter((name) => belongs(name) && !PACKED.test(name))
  } catch (error) {
    throw unreadable(directory, error as NodeJS.ErrnoException)
  }
  const found = await Promise.all(names.map((name) => fileAt(join(directory, name))))
  const files = found.filter((file) => file !== null)
  if (files.length === 0) {
    if (names.includes(basename(path)) && (await isDirectory(path))) {
      throw new Error(
        `${path} is a directory; expected a log. Name the log in it, with * for what changes: ${join(path, '*.log')}.`,
      )
    }
    throw new Error(
      `There is no log at ${path}. Is the path right, does the server write a log, and has it written anything since it was set up?`,
    )
  }
  return files.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.path < b.path ? -1 : 1))
}

/** What stays with a file when it is renamed. The numbers that files have on Windows are longer than a number can be. */
export function idOf({ dev, ino }: { dev: bigint; ino: bigint }): string {
  return `${dev}:${ino}`
}

/** What reading failed with, for whoever set the log up. */
export function unreadable(path: string, { code, message }: NodeJS.ErrnoException): Error {
  switch (code) {
    case 'ENOENT':
      return new Error(`There is no ${path}: check the path of the log.`)
    case 'ENOTDIR':
      return new Error(`${path} is no directory: check the path of the log.`)
    case 'EACCES':
    case 'EPERM':
      return new Error(
        `${path} may not be read by this process: give its user the right to read the log and its directory.`,
      )
  }
  return new Error(`${path} could not be read: ${code ?? message}.`)
}

const PACKED = /\.(?:gz|bz2|xz|zst|zip|7z)$/i

function belongsTo(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) {
    return (name) => name.startsWith(pattern) && /^(?:[.-]|$)/.test(name.slice(pattern.length))
  }
  const [first, ...others] = pattern.split('*')
  const last = others.pop()!
  return (name) => {
    if (!name.startsWith(first!) || !name.endsWith(last) || name.length < first!.length + last.length) return false
    let at = first!.length
    for (const part of others) {
      at = name.indexOf(part, at)
      if (at === -1) return false
      at += part.length
    }
    return at <= name.length - last.length
  }
}

async function fileAt(path: string): Promise<LogFile | null> {
  try {
    const info = await stat(path, { bigint: true })
    if (!info.isFile()) return null
    return { path, id: idOf(info), size: Number(info.size), modifiedMs: Number(info.mtimeMs) }
  } catch (error) {
    // Rotated away since its name was read.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw unreadable(path, error as NodeJS.ErrnoException)
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}
