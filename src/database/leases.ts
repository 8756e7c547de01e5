import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { complaint } from '../text/complaint.js'
import { messageOf } from '../text/error-message.js'
import { Lease, type Place } from './lease.js'
import type { Database } from './open-database.js'
import { thisMachine } from './this-machine.js'

/** How often leases are looked at, in ms; sooner where another process has said that something changed. */
const lookEvery = 1_000
const quietest = 100

/**
 * The leases of one process's sources. As long as no other process wants one, nothing is written. Nobody compares clocks,
 * and none is trusted: what an old holder writes is refused by its epoch, however late it comes.
 */
export class Leases {
  private readonly leases: Lease[]
  private readonly stopping = new AbortController()
  private running: Promise<void> = Promise.resolve()

  constructor(
    private readonly database: Pick<Database, 'leases' | 'changes' | 'engine'>,
    places: readonly Place[],
    private readonly report: (message: string) => void,
  ) {
    const me = { holder: randomUUID(), machine: thisMachine(), pid: process.pid }
    this.leases = places.map((place) => new Lease(database, place, me))
  }

  of({ host, source }: Pick<Place, 'host' | 'source'>): Lease {
    return this.leases.find(({ place }) => place.host === host && place.source === source)!
  }

  /**
   * Takes what can be had at once, and goes on from there.
   *
   * @throws Error where a machine of the same name is alive
   */
  async start(): Promise<void> {
    await this.look()
    while (this.leases.some((lease) => lease.isUndecided)) {
      await this.pause()
      await this.look()
    }
    const twin = this.twin()
    if (twin !== undefined) {
      await this.stop()
      throw new Error(`adminjs-sessions: ${twin}`)
    }
    this.running = this.run()
  }

  /** Gives all back, for others to take at once. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('The back office was stopped.'))
    await this.running
    for (const lease of this.leases) {
      await lease.release().catch(() => {
        // It is taken over when it does not answer.
      })
    }
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping
    const { say, well } = complaint(this.report, signal)
    while (!signal.aborted) {
      await this.pause()
      if (signal.aborted) return
      try {
        await this.look()
        const twin = this.twin()
        if (twin === undefined) well()
        else say(twin)
      } catch (error) {
        // Who could not be heard has not failed to answer.
        for (const lease of this.leases) lease.forgive()
        say(`it could not be seen who reads which source: ${messageOf(error)}`)
      }
    }
  }

  private twin(): string | undefined {
    return this.leases.map((lease) => lease.twin()).find((problem) => problem !== null) ?? undefined
  }

  private async pause(): Promise<void> {
    const { changes } = this.database
    const seen = changes.revisionOf(['leases'])
    await sleep(quietest, undefined, { signal: this.stopping.signal, ref: false }).catch(() => {})
    await changes.since(['leases'], seen, lookEvery, lookEvery, this.stopping.signal)
  }

  private async look(): Promise<void> {
    const atMs = performance.now()
    const rows = await this.database.leases.findBy(this.leases.map(({ place: { host, source } }) => ({ host, source })))
    for (const lease of this.leases) {
      const { host, source } = lease.place
      await lease.look(rows.find((row) => row.host === host && row.source === source) ?? null, atMs)
    }
  }
}
