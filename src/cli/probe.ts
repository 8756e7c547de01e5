import { messageOf } from '../collectors/engine/message-of.js'
import { notesInMemory } from '../testing/notes-in-memory.js'
import type { ProbedSource } from './adapters.js'
import { asJson } from './json.js'
import { lookAt, type Look } from './look.js'
import { asTable } from './table.js'

/** Where it is shown, and until when. */
export interface Terminal {
  out: { write(text: string): unknown; isTTY?: boolean; columns?: number; rows?: number }
  error: { write(text: string): unknown }
  signal: AbortSignal
}

/** ms between two looks, and at least between two that hints ask for. */
const every = { poll: 2000, hint: 250 }

/**
 * Shows what sources see, once or until the terminal's signal.
 *
 * @returns whether all could be read at the last look
 */
export async function probe(
  sources: ProbedSource[],
  { json, once }: { json: boolean; once: boolean },
  { out, error, signal }: Terminal,
): Promise<boolean> {
  const stopping = new AbortController()
  const bell = new Bell(signal)
  const started = startAll(sources, () => bell.ring(), AbortSignal.any([stopping.signal, signal]))
  try {
    for (let readable = true; ; ) {
      const looks = await Promise.all(sources.map((source) => lookAt(source, signal)))
      // What was cut short says nothing of the source.
      if (signal.aborted) return readable
      readable = looks.every((look) => look.error === null)
      const failures = await Promise.race([started, nothing])
      if (json) for (const look of looks) out.write(`${asJson(look)}\n`)
      else out.write(screen([...looks.map((look) => asTable(look)), ...failures], out, once))
      if (once && json) for (const failure of failures) error.write(`${failure}\n`)
      if (once) return readable
      await bell.next()
      if (signal.aborted) return readable
    }
  } finally {
    stopping.abort()
  }
}
