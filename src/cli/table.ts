import { eastAsianWidth } from 'get-east-asian-width'
import { visible } from '../text/printable.js'

/** The longest that a cell becomes, in columns of a terminal. */
const longestCell = 40

/** A table as lines of text, its columns below each other. Whatever comes from outside is made visible. */
export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [titles, ...rows.map((row) => row.map(cell))]
  const widths = titles.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at]!))))
  return lines.map((line) =>
    line
      .map((text, at) => text + ' '.repeat(widths[at]! - widthOf(text)))
      .join('  ')
      .trimEnd(),
  )
}

function cell(value: string): string {
  const text = visible(value)
  if (widthOf(text) <= longestCell) return text
  let kept = ''
  for (const character of text) {
    if (widthOf(kept + character) >= longestCell) break
    kept += character
  }
  return `${kept}…`
}

/** How many columns of a terminal it takes: two for what is wide in East Asia, none for what only changes the one before. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) {
    if (!/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) width += eastAsianWidth(character.codePointAt(0)!)
  }
  return width
}
