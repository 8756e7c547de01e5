import { performance } from 'node:perf_hooks'
import type { Difference, Kept, SessionRows } from '../../database/session-rows.js'
import type { ListedSession, SessionKind } from '../../session-source.js'
import { messageOf } from '../../text/error-message.js'
import { lettingGo } from '../../timing/event-loop.js'
import { difference, type PersonOf } from './reconcile.js'

/** How often the rows are compared with memory, in ms: something else may have changed them. */
const reloadEvery = 60_000

/** What a source's rows hold, as far as this process knows: what each list is compared with. */
export class KeptRows {
  private kept: Map<string, Kept> | undefined
  private loadedAtMs = 0

  constructor(
    private readonly table: Pick<SessionRows, 'load'>,
    private readonly kind: SessionKind,
    private readonly personOf: PersonOf,
  ) {}

  /** How many there are, as far as is known. */
  get size(): number {
    return this.kept?.size ?? 0
  }

  /** What the rows hold is not known: they are read before the next comparison. */
  forget(): void {
    this.kept = undefined
  }

  /**
   * @param meet what the rows of keys hold that memory knows nothing of
   * @param loaded told where the rows were read for it
   * @throws BrokenList; or Error where the rows can't be read
   */
  async compare(
    listed: readonly ListedSession[],
    meet: (keys: string[]) => Promise<Map<string, Kept>>,
    loaded: () => Promise<void> = async () => {},
  ): Promise<Difference> {
    const nowMs = performance.now()
    // For this comparison, whoever has it forgotten meanwhile.
    let { kept } = this
    if (kept === undefined || nowMs - this.loadedAtMs > reloadEvery) {
      kept = this.kept = await this.table.load(kept)
      this.loadedAtMs = nowMs
      await loaded()
    }
    const found = await this.differenceFrom(kept, listed)
    const met = await meet(await lettingGo(keysNotIn(kept, found.written)))
    if (met.size > 0) {
      const again = await this.differenceFrom(met, await lettingGo(listedOf(met, listed)))
      await lettingGo(put(kept, met, []))
      await lettingGo(put(found.written, again.written, met.keys()))
    }
    return found
  }

  private async differenceFrom(kept: ReadonlyMap<string, Kept>, listed: readonly ListedSession[]): Promise<Difference> {
    try {
      return await lettingGo(difference(kept, listed, this.kind, performance.now(), this.personOf))
    } catch (error) {
      throw new BrokenList(messageOf(error), { cause: error })
    }
  }

  /** Of what was compared last, this is in the rows by now. */
  async wrote({ written, gone }: { written: Iterable<[string, Kept]>; gone: Iterable<string> }): Promise<void> {
    const { kept } = this
    if (kept !== undefined) await lettingGo(put(kept, written, gone))
  }
}

function* keysNotIn(kept: ReadonlyMap<string, Kept>, written: ReadonlyMap<string, Kept>): Generator<void, string[]> {
  const unknown: string[] = []
  for (const key of written.keys()) {
    if (!kept.has(key)) unknown.push(key)
    yield
  }
  return unknown
}

function* listedOf(met: ReadonlyMap<string, Kept>, listed: readonly ListedSession[]): Generator<void, ListedSession[]> {
  const some: ListedSession[] = []
  for (const session of listed) {
    if (met.has(session.key)) some.push(session)
    yield
  }
  return some
}

function* put(
  kept: Map<string, Kept>,
  written: Iterable<[string, Kept]>,
  gone: Iterable<string>,
): Generator<void, void> {
  for (const key of gone) {
    kept.delete(key)
    yield
  }
  for (const [key, row] of written) {
    kept.set(key, row)
    yield
  }
}

/** The list breaks the contract. */
export class BrokenList extends Error {}
