import { watch as watchWithChokidar } from 'chokidar'
import { watch, readdirSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * Up to so many files chokidar watches them. Beyond, it costs a whole core (it looks at all of them for each change) and
 * an inotify watch a file, where the system's own watch of the directory costs a twentieth and one.
 */
const mostForChokidar = 300

/**
 * Calls back with the name of each file in a directory that may have come, changed or gone, until the signal. A hint
 * only: chokidar drops the last change of a burst (https://github.com/paulmillr/chokidar/issues/1455), and neither
 * notices when the directory itself is replaced.
 */
export async function watchDirectory(path: string, hint: (name: string) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (readdirSync(path).length <= mostForChokidar) await withChokidar(path, hint, signal)
    else await withTheSystem(path, hint, signal)
  }
}

/** Until the signal, or until there are too many files. */
async function withChokidar(path: string, hint: (name: string) => void, signal: AbortSignal): Promise<void> {
  let files = readdirSync(path).length
  const watcher = watchWithChokidar(path, { depth: 0, ignoreInitial: true })
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
    watcher.on('error', reject)
    watcher.on('all', (event, file) => {
      if (event === 'add') files++
      if (event === 'unlink') files--
      hint(basename(file))
      if (files > mostForChokidar) resolve()
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
