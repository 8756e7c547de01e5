/**
 * Text from outside as it may be shown: what would be invisible or would turn the reading direction is written out.
 *
 * Logins, file names and user agents are whatever a client sent. React makes their markup harmless; it does nothing
 * about a right-to-left override that makes `exe.txt` out of `txt.exe`, or about a name that ends in a NUL.
 *
 * - C0 controls and DEL: the symbols that Unicode has for them (U+2400 and on);
 * - C1 controls, bidirectional controls, invisible spaces, line and paragraph separators, annotation and tag
 *   characters, lone surrogates: `⟨U+202E⟩`.
 *
 * Joiners (U+200C, U+200D) stay: Persian and emoji need them.
 *
 * The bidirectional controls are those of Unicode Standard Annex #9, section 2.
 *
 * @example
 * visible('a\0b') // 'a␀b'
 * visible('invoice\u202Efdp.exe') // 'invoice⟨U+202E⟩fdp.exe'
 */
export function visible(text: string): string {
  return text.replace(unseen, written)
}

/**
 * Text from outside as a part of a sentence or a line: visible, and where it holds right-to-left letters isolated
 * (U+2068 … U+2069), so that it turns nothing but itself.
 */
export function inline(text: string): string {
  const shown = visible(text)
  return rightToLeft.test(shown) ? `\u2068${shown}\u2069` : shown
}

/** Hebrew, Arabic and their relatives: the blocks that Unicode keeps for right-to-left scripts. */
const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u

const unseen =
  // eslint-disable-next-line no-control-regex -- controls are what is looked for
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}\p{Surrogate}]/gu

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code <= 0x1f) return String.fromCodePoint(0x2400 + code)
  if (code === 0x7f) return '\u2421'
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}
