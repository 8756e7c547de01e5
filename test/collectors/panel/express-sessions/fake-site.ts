import type { ListedPanelSession, PanelSource, Site } from '../../../../src/session-source.js'

/** What the engine does for a source, in memory: several sources that are given the same holds are processes that share a database. */
export class FakeSite implements Site {
  hints = 0
  notes = undefined as never
  /** Whose persons were seen to log out, by keys, in order. */
  readonly out: string[] = []
  readonly heldLogins = new Set<string>()
  /** Whether it knows at once who is held, as the engine does while its memory is current. */
  knowsAtOnce = true

  constructor(readonly held = new Set<string>()) {}

  changed(): void {
    this.hints++
  }

  loggedOut(key: string): void {
    this.out.push(key)
  }

  isHeld(by: string, value: string, login?: string | null): boolean | Promise<boolean> {
    const own = by === 'login' ? this.heldLogins.has(value) : by === 'session' && this.held.has(value)
    const held = own || (login != null && this.heldLogins.has(login))
    return this.knowsAtOnce ? held : Promise.resolve(held)
  }
}

/** A list without a time limit. */
export function list(source: PanelSource): Promise<ListedPanelSession[]> {
  return source.list(new AbortController().signal)
}

/** Ends a session as the engine does: its hold first. */
export function end(
  source: PanelSource,
  site: FakeSite,
  session: ListedPanelSession,
): Promise<'asked' | 'already-gone'> {
  site.held.add(session.key)
  return source.end(session, new AbortController().signal, () => list(source))
}
