import { watch } from 'chokidar'
import { dirname } from 'node:path'

/**
 * Calls `changed` whenever ProFTPD has written to its scoreboard, until the signal. A hint only: of a burst the last
 * changes may be missed, nothing is written during a transfer by sendfile(2), and where watching fails nothing is called.
 *
 * The directory is watched, not the file: ProFTPD unlinks its scoreboard when it ends and makes another when it starts.
 */
export function watchScoreboard(path: string, changed: () => void, signal: AbortSignal): void {
  if (signal.aborted) return
  const directory = dirname(path)
  const watcher = watch(directory, {
    depth: 0,
    ignoreInitial: true,
    ignored: (other) => other !== directory && other !== path,
  })
  watcher.on('all', () => changed())
  // Polling goes on.
  watcher.on('error', () => undefined)
  signal.addEventListener('abort', () => void watcher.close(), { once: true })
}
