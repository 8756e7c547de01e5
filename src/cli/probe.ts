import { messageOf } from '../text/error-message.js'
import { visible } from '../text/printable.js'
import { notesInMemory } from '../collectors/engine/memory-site.js'
import type { ProbedSource } from './load-adapter.js'
import { asJson } from './json.js'
import { readSource } from './read-source.js'
import { News } from '../timing/wakeable-pause.js'
import { asLines } from './output.js'

/** Where it is shown, and until when. */
export interface Terminal {
  out: { write(text: string): unknown; isTTY?: boolean; columns?: number; rows?: number }
  error: { write(text: string): unknown }
  signal: AbortSignal
}

/** ms between two readings: at least after news, and at most. */
const [shortest, longest] = [250, 2000]

/**
 * Shows what sources see, once or until the terminal's signal.
 *
 * @returns whether all of them could be read at the last reading
 */
export async function probe(
  sources: ProbedSource[],
  { json, once }: { json: boolean; once: boolean },
  { out, error, signal }: Terminal,
): Promise<boolean> {
  const news = new News(signal)
  const ending = new AbortController()
  const until = AbortSignal.any([ending.signal, signal])
  for (const source of sources) {
    watch(source, news, until).catch((thrown: unknown) => {
      if (!until.aborted) error.write(`${visible(`${source.name}: its watcher stopped: ${messageOf(thrown)}`)}\n`)
    })
  }
  try {
    for (let readable = true; ; await news.wait(shortest, longest)) {
      const readings = signal.aborted ? [] : await Promise.all(sources.map((source) => readSource(source, signal)))
      // What was cut short says nothing of a source.
      if (signal.aborted) return readable
      readable = readings.every((reading) => reading.error === null)
      if (json) for (const reading of readings) out.write(`${asJson(reading)}\n`)
      else out.write(onScreen(readings.flatMap(asLines), out, once))
      if (once) return readable
    }
  } finally {
    ending.abort()
  }
}

async function watch(source: ProbedSource, news: News, signal: AbortSignal): Promise<void> {
  const site = {
    changed: () => news.arrive(),
    loggedOut: () => {},
    isHeld: async () => false,
    notes: notesInMemory(),
  }
  await source.start?.(site, signal)
}

/** On a terminal each reading takes the place of the one before; in a file they follow one another. */
function onScreen(lines: string[], { isTTY, columns, rows }: Terminal['out'], once: boolean): string {
  if (!isTTY || once) return `${lines.join('\n')}\n\n`
  // A terminal that does not know its size says 0.
  const [width, height] = [columns || 80, (rows || 24) - 1]
  const shown =
    lines.length <= height ? lines : [...lines.slice(0, height - 1), `… ${lines.length - height + 1} lines more`]
  return `\x1b[H${shown.map((line) => `${[...line].slice(0, width).join('')}\x1b[K\n`).join('')}\x1b[J`
}
