/** Why it can't be told who is logged in to a session. */
export interface Unread {
  why: string
  /** The host's function itself is wrong, whatever the session. */
  isBroken: boolean
}

/** What to do about sessions that can't be decoded. */
interface Advice {
  /** About some, in a sentence or two. */
  some(them: 'it' | 'them'): string
  /** Where it is all of them. */
  all: string
}

const ofStore: Advice = {
  some: (them) => `Remove ${them} from the store; until then nobody is logged in by ${them}.`,
  all: 'Is its data damaged, or encrypted? See docs/stores.md.',
}

/** So many sessions are named in a warning; of the others there is a count. */
const mostNamed = 3

/**
 * What a list of sessions had to leave out, or could not tell, to be told beside it. No id of a session is in it: it is as
 * good as a password.
 */
export class LeftOut {
  private readonly damaged: string[] = []
  private read = 0
  private unread = 0
  private broken = 0
  private why = ''

  constructor(private readonly advice = ofStore) {}

  /**
   * A session that can't be decoded.
   *
   * @param key its key; null where it has no id
   * @param what is found in its place
   */
  addDamaged(key: string | null, what: string): void {
    this.damaged.push(key === null ? what : `${key.slice(0, 8)} (${what})`)
  }

  /** A session that can be decoded, and whether it can be told who is logged in. */
  addRead(reading: { unread?: Unread } | null): void {
    this.read++
    if (!reading?.unread) return
    const { why, isBroken } = reading.unread
    this.unread++
    if (isBroken) this.broken++
    this.why ||= why
  }

  /**
   * @throws where there are sessions, and none of them can be decoded: such a list would look like that of an empty store;
   * and where the host's function fails for each of them: it is wrong itself
   */
  check(): void {
    if (this.damaged.length > 0 && this.read === 0) {
      throw new Error(
        `None of the sessions in the store (${this.damaged.length}) can be decoded, ${this.named()}. ` +
          this.advice.all,
      )
    }
    if (this.broken > 0 && this.broken === this.read) throw new Error(this.why)
  }

  sentences(): string[] {
    return [...this.ofDamaged(), ...this.ofUnread()]
  }

  private ofDamaged(): string[] {
    const { length } = this.damaged
    if (length === 0) return []
    const [are, them] = length === 1 ? ["1 session can't be decoded and is", 'it' as const] : [`${length} sessions can't be decoded and are`, 'them' as const] // prettier-ignore
    return [`${are} left out: ${this.named()}. ${this.advice.some(them)}`]
  }

  private ofUnread(): string[] {
    if (this.unread === 0) return []
    const are = this.unread === 1 ? '1 session is' : `${this.unread} sessions are`
    return [`${are} shown without a login. ${this.why}`]
  }

  private named(): string {
    const more = this.damaged.length - mostNamed
    const named = this.damaged.slice(0, mostNamed).join('; ')
    return `by the first digits of the SHA-256 of its id: ${named}${more > 0 ? `; and ${more} more` : ''}`
  }
}
