/** So many sessions are named in a warning; of the others there is a count. */
const mostNamed = 3

/** What a list of sessions had to leave out, to be told beside it. No id of a session is in it: it is as good as a password. */
export class LeftOut {
  private readonly damaged: string[] = []

  /**
   * A session that can't be decoded.
   *
   * @param key its key; null where it has no id
   * @param what is found in its place
   */
  addDamaged(key: string | null, what: string): void {
    this.damaged.push(key === null ? what : `${key.slice(0, 8)} (${what})`)
  }

  /** @throws where there are sessions, and none of them can be decoded: such a list would look like that of an empty store */
  check(sessions: number): void {
    if (sessions === 0 || this.damaged.length < sessions) return
    throw new Error(
      `None of the sessions in the store (${sessions}) can be decoded, ${this.named()}. ` +
        'Is its data damaged, or encrypted? See docs/stores.md.',
    )
  }

  sentences(): string[] {
    const { length } = this.damaged
    if (length === 0) return []
    return [
      `${length === 1 ? "1 session can't be decoded and is" : `${length} sessions can't be decoded and are`} left out: ` +
        `${this.named()}. Remove ${length === 1 ? 'it' : 'them'} from the store; until then nobody is logged in by ` +
        `${length === 1 ? 'it' : 'them'}.`,
    ]
  }

  private named(): string {
    const more = this.damaged.length - mostNamed
    const named = this.damaged.slice(0, mostNamed).join('; ')
    return `by the first digits of the SHA-256 of its id: ${named}${more > 0 ? `; and ${more} more` : ''}`
  }
}
