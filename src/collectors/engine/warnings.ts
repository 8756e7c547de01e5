import { messageOf, oneLine } from '../../text/error-message.js'
import type { SessionSource } from '../../session-source.js'

/** More than these nobody reads: a source that has so much to say has a single trouble. */
const mostWarnings = 5

/** What a source warns of after its latest list: bounded in number and length, whatever it says. */
export function warningsOf(source: Pick<SessionSource<never>, 'warnings'>): string[] {
  let said: unknown
  try {
    said = source.warnings?.() ?? []
  } catch (error) {
    said = [`What its list has left out could not be had: ${messageOf(error)}`]
  }
  if (!Array.isArray(said)) said = [`Its warnings are a ${typeof said}; expected an array of sentences.`]
  const sentences = (said as unknown[]).map((sentence) => messageOf(oneLine(String(sentence))))
  const more = sentences.length - mostWarnings
  return more > 0 ? [...sentences.slice(0, mostWarnings), `And ${more} warnings more.`] : sentences
}
