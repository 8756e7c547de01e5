import { existsSync, readdirSync, watch } from 'node:fs'
import { join, resolve as absolute, sep } from 'node:path'
import { watch as watchWithChokidar } from 'chokidar'

/**
 * Up to so many files chokidar watches. Beyond, it costs a whole core (it looks at all of them for each change: measured
 * at 10,000 files and 100 changes a second), where the system's own watch of the directory costs a hundredth.
 */
const mostForChokidar = 300
/** After so many names that came or went, the files are counted again. */
const recountAfter = 100

/**
 * Calls back with the name of each file in a directory that may have come, changed or gone, until the signal. A hint
 * only: it is not noticed when the directory itself is replaced. One that is not there yet is waited for; that it is
 * there, an empty name says.
 *
 * The directory is watched also for a single file: whoever unlinks a file and makes another of that name is not lost.
 *
 * @param only the name of the one file that matters
 * @throws where watching fails: whoever also polls may go on without
 */
export async function watchDirectory(
  path: string,
  hint: (name: string) => void,
  signal: AbortSignal,
  only?: string,
): Promise<void> {
  path = absolute(path)
  while (!signal.aborted) {
    const isSmall = only !== undefined || filesIn(path) <= mostForChokidar
    await (isSmall ? withChokidar(path, hint, signal, only) : withTheSystem(path, hint, signal))
  }
}

/**
 * Calls back when a file of a directory may have come or gone, until the signal: each request writes its session's file
 * anew, and that alone is no hint. Otherwise as `watchDirectory`.
 *
 * @param isListed whether a file was there at the last look; undefined where it is none that matters
 */
export function watchComings(
  path: string,
  isListed: (name: string) => boolean | undefined,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  return watchDirectory(
    path,
    (name) => {
      const listed = isListed(name)
      if (name === '') changed()
      else if (listed !== undefined && listed !== existsSync(join(path, name))) changed()
    },
    signal,
  )
}

/** Until the signal, until there are too many files, or until a directory that was awaited is there. */
async function withChokidar(
  path: string,
  hint: (name: string) => void,
  signal: AbortSignal,
  only: string | undefined,
): Promise<void> {
  // Nothing but the directory, whose watch names its files: in a burst chokidar loses watches that it has put on single
  // files, and never closes them (measured with 5.0.0: 6 in 400 bursts).
  const ignored = (other: string) => other !== path && !path.startsWith(other.endsWith(sep) ? other : other + sep)
  const wasThere = existsSync(path)
  const watcher = watchWithChokidar(path, { depth: 0, ignoreInitial: true, ignored })
  let renamed = 0
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    watcher.on('error', reject)
    watcher.on('raw', (event, name: string | null, of) => {
      if (
        (of as { watchedPath?: string }).watchedPath !== path ||
        name === null ||
        (only !== undefined && name !== only)
      )
        return
      hint(name)
      if (event !== 'rename' || only !== undefined || ++renamed % recountAfter !== 0) return
      if (filesIn(path) > mostForChokidar) resolve()
    })
    const nowThere = () => {
      hint(only ?? '')
      resolve()
    }
    watcher.on('addDir', (directory) => directory === path && nowThere())
    // Made after it was looked for and before its parent was watched: no event tells of it.
    watcher.on('ready', () => !wasThere && existsSync(path) && nowThere())
  }).finally(() => watcher.close())
}

/** Until the signal. */
function withTheSystem(path: string, hint: (name: string) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(path, { signal, persistent: false }, (_event, name) => name !== null && hint(name))
    watcher.on('close', resolve)
    watcher.on('error', reject)
  })
}

function filesIn(path: string): number {
  try {
    return readdirSync(path).length
  } catch {
    // What is wrong with it, the watcher tells.
    return 0
  }
}
