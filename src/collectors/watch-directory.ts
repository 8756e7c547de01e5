import { existsSync, readdirSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { watch as watchWithChokidar } from 'chokidar'

/**
 * Up to so many files chokidar watches them. Beyond, it costs a whole core (it looks at all of them for each change) and
 * an inotify watch a file, where the system's own watch of the directory costs a twentieth and one.
 */
const mostForChokidar = 300

/**
 * Calls back with the name of each file in a directory that may have come, changed or gone, until the signal. A hint
 * only: chokidar drops the last change of a burst (https://github.com/paulmillr/chokidar/issues/1455), and neither
 * notices when the directory itself is replaced. One that is not there yet is waited for.
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
      if (listed !== undefined && listed !== existsSync(join(path, name))) changed()
    },
    signal,
  )
}

/** Until the signal, or until there are too many files. */
async function withChokidar(
  path: string,
  hint: (name: string) => void,
  signal: AbortSignal,
  only: string | undefined,
): Promise<void> {
  let files = filesIn(path)
  const wanted = only === undefined ? null : [path, join(path, only)]
  const ignored = (other: string) => wanted !== null && !wanted.includes(other)
  const watcher = watchWithChokidar(path, { depth: 0, ignoreInitial: true, ignored })
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    watcher.on('error', reject)
    watcher.on('all', (event, file) => {
      if (event === 'add') files++
      if (event === 'unlink') files--
      hint(basename(file))
      if (only === undefined && files > mostForChokidar) resolve()
    })
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
