import type { ScoreboardEntry } from './scoreboard.js'

/**
 * Whether a command's argument is this, as it was typed. The scoreboard has the words of a command and one blank between
 * them: it takes a quoted part for a word, and neither the quotation marks nor any other blanks are told, though they are
 * in the file's name. Seen of ProFTPD 1.3.8.
 */
export function isArgument({ argument, argumentCut }: ScoreboardEntry, typed: string): boolean {
  if (typed === argument) return true
  const [told, whole] = [lettersOf(argument), lettersOf(typed)]
  return argumentCut ? whole.startsWith(told) : whole === told
}

/** What is in both, whatever it makes of blanks, quotation marks, and backslashes between those. */
const lettersOf = (text: string) => text.replace(/["\\\s]/g, '')
