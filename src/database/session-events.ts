import { messageOf } from '../text/error-message.js'
import type { SessionKind } from '../session-fields.js'
import type { FtpSessionRow, HistoryRow, PanelSessionRow, SessionRemovalRow, SessionSourceStatusRow } from './rows.js'

/** What a back office tells its host's code of, by the name of the event. Each is told after it has been written. */
export interface SessionEventMap {
  /** A session has a row that had none: somebody logged on, or was found at the first poll. */
  'session-opened': { kind: SessionKind; session: PanelSessionRow | FtpSessionRow }
  /**
   * A session is gone, and this is how, as far as it was known then: `unknown` of one whose removal has no outcome yet,
   * which `removed` tells.
   */
  'session-ended': { kind: SessionKind; session: PanelSessionRow | FtpSessionRow; how: HistoryRow['how'] }
  /** A removal has its outcome, whichever that is; it is written at most once. */
  removed: SessionRemovalRow
  /** The login of a session that a removal ended was seen again, from the same address, at `cameBackAt`. */
  'came-back': SessionRemovalRow
  /** A source was read, or could not be: how long it took, the writing of what had changed included, in ms. */
  polled: { kind: SessionKind; host: string; name: string; ms: number; error: string | null }
  /** A source can't be read any more: its rows are as old as its `lastGoodAt`. */
  'source-failing': Omit<SessionSourceStatusRow, 'id'>
  /** A source can be read, after its start or after it was failing. */
  'source-ok': Omit<SessionSourceStatusRow, 'id'>
}

/** The name of an event of `sessions.events`. */
export type SessionEventName = keyof SessionEventMap

/** Called with what has happened. May be async; what it throws is reported and disturbs nothing. */
export type SessionListener<Name extends SessionEventName> = (event: SessionEventMap[Name]) => unknown

/**
 * What happens in a back office, for its host's code: of the sources that this process reads, and of the removals that it
 * carries out.
 *
 * @example sessions.events.on('source-failing', ({ name, error }) => pager.alert(`${name}: ${error}`))
 */
export class SessionEvents {
  private readonly listeners = new Map<SessionEventName, Set<SessionListener<never>>>()

  constructor(private readonly report: (message: string) => void = () => {}) {}

  /** Calls this function at every such event. */
  on<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): this {
    const those = this.listeners.get(name) ?? new Set()
    this.listeners.set(name, those.add(listener))
    return this
  }

  /** Calls it no longer. */
  off<Name extends SessionEventName>(name: Name, listener: SessionListener<Name>): this {
    this.listeners.get(name)?.delete(listener)
    return this
  }

  /** Whether anybody listens: what nobody hears need not be read. @internal */
  isHeard(name: SessionEventName): boolean {
    return (this.listeners.get(name)?.size ?? 0) > 0
  }

  /** @internal */
  tell<Name extends SessionEventName>(name: Name, event: SessionEventMap[Name]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])] as SessionListener<Name>[]) {
      // A listener's fault must not become one of the table.
      const failed = (error: unknown) => this.report(`a listener to "${name}" failed: ${messageOf(error)}`)
      try {
        Promise.resolve(listener(event)).catch(failed)
      } catch (error) {
        failed(error)
      }
    }
  }
}
