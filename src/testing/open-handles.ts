import { AsyncLocalStorage, createHook } from 'node:async_hooks'

/** A handle or timer, as the hook is given it. */
interface Handle {
  hasRef?(): boolean
}

/**
 * Tracks the timers, watchers, sockets and child processes that some work opens, at once or later, and that keep the
 * process alive. What other code opens meanwhile does not count.
 *
 * @see https://nodejs.org/api/async_hooks.html
 */
export class OpenHandles {
  private readonly context = new AsyncLocalStorage<OpenHandles>()
  private readonly open = new Map<number, { type: string; resource: Handle }>()
  private readonly hook = createHook({
    init: (id, type, _, resource: Handle) => {
      // Promises, ticks and pending requests have no `hasRef`: they keep nothing alive by themselves.
      if (this.context.getStore() === this && resource.hasRef) this.open.set(id, { type, resource })
    },
    destroy: (id) => void this.open.delete(id),
  })

  /** Runs the work and tracks what it opens. */
  follow<T>(work: () => T): T {
    this.hook.enable()
    return this.context.run(this, work)
  }

  /** The kinds of what is open now, like `Timeout` and `FSEVENTWRAP`. */
  kinds(): string[] {
    return [...this.open.values()].filter(({ resource }) => resource.hasRef?.()).map(({ type }) => type)
  }

  /** Stops tracking. */
  end(): void {
    this.hook.disable()
  }
}
