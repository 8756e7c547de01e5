import { once } from 'node:events'
import { watchComings } from '../../watch-directory.js'
import { directoryNow } from './session-directory.js'

/**
 * Watches a directory for as long as it can, whatever becomes of it: one that was replaced is watched anew, and where the
 * system has no watch left it is tried again at each look.
 */
export class DirectoryWatch {
  private restart = new AbortController()
  private watched: string | null = null
  private failed = false
  private problem: string | null = null

  constructor(
    private readonly path: string,
    private readonly isListed: Parameters<typeof watchComings>[1],
  ) {}

  /** Until the signal. */
  async run(changed: () => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.restart = new AbortController()
      const over = AbortSignal.any([signal, this.restart.signal])
      this.watched = directoryNow(this.path)
      try {
        await watchComings(this.path, this.isListed, changed, over)
      } catch (error) {
        this.failed = true
        this.problem =
          `Changes in ${this.path} are seen only at each look, as it can't be watched ` +
          `(${(error as NodeJS.ErrnoException).code}): raise fs.inotify.max_user_watches and ` +
          'fs.inotify.max_user_instances, or end what has used them up.'
        if (!over.aborted) await once(over, 'abort')
      }
    }
  }

  /** The directory has been read. @param directory which one it is, as `directoryNow` gives it */
  hasRead(directory: string | null): void {
    if (!this.failed) this.problem = null
    if (!this.failed && directory === this.watched) return
    this.failed = false
    this.restart.abort()
  }

  /** Why changes are not seen when they happen, in a sentence. */
  warnings(): string[] {
    return this.problem === null ? [] : [this.problem]
  }
}
