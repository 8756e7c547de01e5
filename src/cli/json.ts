import type { ProbeResult } from './read-source.js'

/** A reading as one line of JSON, in ASCII alone: no name can drive a terminal or turn its text. */
export function asJson({ source, at, sessions, error, warnings, missingRights, unread }: ProbeResult): string {
  const { name, kind, evidence, endsBy } = source
  return ascii({
    ...{ source: name, kind, evidence, at },
    sessions: sessions?.map(({ handle: _, ...session }) => session) ?? null,
    ...{ error, warnings, endsBy, missingRights, unread: unread ?? undefined },
  })
}

/** As JSON in one line, in ASCII alone. */
export function ascii(value: object): string {
  return JSON.stringify(value).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
