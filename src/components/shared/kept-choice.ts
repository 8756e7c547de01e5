/** A choice that lasts in this browser: how many rows, which columns. Null where it was never made, or is none any more. */
export function keptChoice<Value>(name: string, isOne: (value: unknown) => value is Value): Value | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(`adminjs-sessions.${name}`) ?? 'null')
    return isOne(value) ? value : null
  } catch {
    // A browser may forbid it, and anybody can write there.
    return null
  }
}

export function keepChoice(name: string, value: unknown): void {
  try {
    localStorage.setItem(`adminjs-sessions.${name}`, JSON.stringify(value))
  } catch {
    // Then it lasts for as long as the page.
  }
}
