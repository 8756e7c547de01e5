import type { Said } from '../text/said.js'
import type { Row } from './cut.js'
import type { VisibleFields } from './seen.js'

/** Whoever asks for removals: an admin in a browser, the host's own code, a policy, a program with a token. */
export interface Asker {
  /** Why nothing that he asks for may be done; undefined where it may. */
  refused?: Said
  /** The keys of the sessions that he is in himself: they never end by his removals. */
  own: ReadonlySet<string>
  /** Which rows are his to see: `{}` where every row is, undefined where none is. */
  visible(): Promise<VisibleFields | undefined>
  /** May he end this session? */
  may(row: Row): Promise<boolean>
}

/** Whoever the host trusts with every session: its own code. */
export function trustedAsking(own: ReadonlySet<string> = new Set()): Asker {
  return { own, visible: () => Promise.resolve({}), may: () => Promise.resolve(true) }
}
