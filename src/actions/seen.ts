/** Field values that every row has which somebody may see: `{}` where that is every row. */
export type VisibleFields = Record<string, unknown>

/** Is this row, as it is or as it was, the asker's to see? */
export function isSeen(row: object, seen: VisibleFields | undefined): boolean {
  return (
    seen !== undefined &&
    Object.entries(seen).every(([field, value]) => {
      const own = (row as Record<string, unknown>)[field]
      return own != null && (Array.isArray(value) ? value.includes(own) : own === value)
    })
  )
}
