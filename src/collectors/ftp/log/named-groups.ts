/** A pattern whose named groups are found by number, which takes a third of the time: `exec` makes no `groups`. */
export interface Numbered<Name extends string> {
  pattern: RegExp
  groups: { name: Name; index: number }[]
}

/**
 * Takes the names off a pattern's groups and says where each is.
 *
 * @throws TypeError where a group has another name than those that are known, or the pattern refers to one
 */
export function numbered<Name extends string>({ source, flags }: RegExp, known: readonly Name[]): Numbered<Name> {
  const groups: Numbered<Name>['groups'] = []
  let count = 0
  // What is escaped, a class as a whole, or the beginning of a group.
  const plain = source.replace(/\\k<|\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?<([^=!>][^>]*)>|\?)?/gs, (part, name?: string) => {
    if (part === '\\k<') throw new TypeError(`A pattern of a log may not refer to a group, as ${String(source)} does.`)
    if (part === '(') count++
    if (name === undefined) return part
    if (!known.includes(name as Name)) {
      throw new TypeError(`A group of a log's pattern is named \`${name}\`; expected one of ${known.join(', ')}.`)
    }
    groups.push({ name: name as Name, index: ++count })
    return '('
  })
  return { pattern: new RegExp(plain, flags.replace(/[gy]/g, '')), groups }
}
