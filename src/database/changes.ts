import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DataSource } from 'typeorm'
import { WakeablePause } from '../timing/wakeable-pause.js'
import type { Engine } from './entities.js'

/** What is waited for: what pages show, and the leases of sources. */
export type Shown = (typeof everyTable)[number]

const everyTable = ['panel', 'ftp', 'removals', 'holds', 'sources', 'traffic', 'history', 'leases'] as const

/** How often a file of SQLite is asked whether another process has written to it, in ms, while somebody waits. */
const askEvery = 400
/** What one process tells another of one table, at most so often, in ms. */
const tellEvery = 100
/** How long PostgreSQL may take to tell a process what it has said itself, in ms, before it counts as one that does not tell. */
const heardWithin = 5_000
/** More than so many are answered at once. */
const mostWaiting = 1_000

const channel = 'adminjs_sessions'

/**
 * Which tables have changed, for pages that wait for that. In this process at once; what another one has written is heard
 * of through PostgreSQL's NOTIFY, or by asking SQLite's file, and only while somebody waits.
 *
 * @see https://www.postgresql.org/docs/current/sql-notify.html, https://www.sqlite.org/pragma.html#pragma_data_version
 */
export class Changes {
  private readonly me = randomUUID()
  private readonly revisions = new Map<Shown, number>()
  private readonly waiting = new Set<() => void>()
  private readonly untold = new Set<Shown>()
  private readonly stopping = new AbortController()
  private telling: Promise<void> | undefined
  private hearing: Promise<void> | undefined
  /** Whether what others write is heard of. */
  private hears = false

  constructor(
    private readonly connection: DataSource,
    private readonly engine: Engine,
  ) {}

  /** A table has changed, by this process. */
  changed(table: Shown): void {
    this.bump(table)
    if (this.engine !== 'postgres' || this.stopping.signal.aborted) return
    this.untold.add(table)
    this.telling ??= this.tell()
  }

  /** What these tables are at, for who compares it with what he has seen. Another process's never is the same. */
  revisionOf(tables: readonly Shown[]): string {
    return [this.me.slice(0, 8), ...tables.map((table) => this.revisions.get(table) ?? 0)].join('.')
  }

  /**
   * Waits until one of these tables is at another revision than was seen, at most for so many ms; less where it would not
   * be heard of what other processes write.
   *
   * @param otherwise ms to wait at most then
   * @param signal that ends it before
   */
  async since(
    tables: readonly Shown[],
    seen: string,
    ms: number,
    otherwise: number,
    signal?: AbortSignal,
  ): Promise<void> {
    this.hearing ??= this.hear()
    if (this.waiting.size >= mostWaiting) return
    const untilMs = performance.now() + (this.hears ? ms : otherwise)
    while (this.revisionOf(tables) === seen && !this.stopping.signal.aborted && !signal?.aborted) {
      const leftMs = untilMs - performance.now()
      if (leftMs <= 0) return
      await this.wakeUp(leftMs, signal)
    }
  }

  /** Lets all go that wait. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('The back office was stopped.'))
    this.wakeAll()
    await Promise.allSettled([this.telling, this.hearing])
  }

  private bump(table: Shown): void {
    this.revisions.set(table, (this.revisions.get(table) ?? 0) + 1)
    this.wakeAll()
  }

  private wakeUp(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        this.waiting.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, ms).unref()
      this.waiting.add(wake)
      signal?.addEventListener('abort', wake, { once: true })
    })
  }

  private wakeAll(): void {
    for (const wake of [...this.waiting]) wake()
  }

  /** Not one message for each row that is written. */
  private async tell(): Promise<void> {
    try {
      while (this.untold.size > 0) {
        const tables = [...this.untold]
        this.untold.clear()
        await this.connection.query('SELECT pg_notify($1, $2)', [channel, `${this.me} ${tables.join()}`])
        await sleep(tellEvery, undefined, { ref: false, signal: this.stopping.signal })
      }
    } catch {
      // Whoever waits elsewhere finds it out when his time is up.
    } finally {
      this.telling = undefined
    }
  }

  private async hear(): Promise<void> {
    const pause = new WakeablePause(this.stopping.signal, false)
    while (!this.stopping.signal.aborted) {
      try {
        await (this.engine === 'postgres' ? this.listen() : this.askFile(pause))
      } catch {
        // The database is away, or what stands in front of it hands on no messages: whoever waits waits less.
      }
      this.hears = false
      await pause.asleep(heardWithin, () => false)
    }
  }

  /** Until the connection breaks. */
  private async listen(): Promise<void> {
    const runner = this.connection.createQueryRunner()
    let client: PgClient | undefined
    const ends: (() => void)[] = []
    try {
      client = (await runner.connect()) as PgClient
      await new Promise<void>((resolve, reject) => {
        const { signal } = this.stopping
        if (signal.aborted) return resolve()
        const deaf = setTimeout(() => reject(new Error('What was told was not heard.')), heardWithin).unref()
        signal.addEventListener('abort', () => resolve(), { once: true })
        const heard = ({ payload = '' }: { payload?: string }) => {
          const [who, tables = ''] = payload.split(' ')
          if (who !== this.me) for (const table of tables.split(',')) this.bump(table as Shown)
          else if (tables === '') {
            clearTimeout(deaf)
            this.hears = true
          }
        }
        const ended = () => reject(new Error('The connection has ended.'))
        client!.on('error', reject).on('end', ended).on('notification', heard)
        ends.push(() => void client!.off('error', reject).off('end', ended).off('notification', heard))
        client!
          .query(`LISTEN ${channel}`)
          .then(() => this.connection.query('SELECT pg_notify($1, $2)', [channel, this.me]))
          .catch(reject)
      })
    } finally {
      for (const end of ends) end()
      // Whoever gets the connection next listens to nothing.
      await client?.query(`UNLISTEN ${channel}`).catch(() => {})
      await runner.release().catch(() => {})
    }
  }

  /** Until it can't be asked. A change of this connection's own does not count. */
  private async askFile(pause: WakeablePause): Promise<void> {
    let last: number | undefined
    while (!this.stopping.signal.aborted) {
      if (this.waiting.size > 0 || last === undefined) {
        const [{ data_version: version }] = (await this.connection.query('PRAGMA data_version')) as [
          { data_version: number },
        ]
        this.hears = true
        if (last !== undefined && version !== last) for (const table of everyTable) this.bump(table)
        last = version
      }
      await pause.asleep(askEvery, () => false)
    }
  }
}

/** What is used of a client of the package pg. */
interface PgClient {
  on(event: string, listener: (told: never) => void): this
  off(event: string, listener: (told: never) => void): this
  query(sql: string): Promise<unknown>
}
