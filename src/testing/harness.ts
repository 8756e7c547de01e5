import { messageOf } from '../text/error-message.js'
import type { Hold, ListedSession, SessionSource, Site } from '../session-source.js'
import { withTimeLimit } from '../timing/time-limit.js'
import { OpenHandles } from './open-handles.js'
import { type Limits, pause } from './limits.js'
import { notesInMemory } from '../collectors/engine/memory-site.js'
import { rowRules, shown } from './row-rules.js'
import type { Scenario, ScenarioClient } from './scenario.js'

/** Any session's fields; those that its kind does not have are undefined. */
export type KitSession = ListedSession & {
  status?: string | null
  fileName?: string | null
  transferredBytes?: number | null
  totalBytes?: number | null
  connectedAt?: Date | null
  loggedInAt?: Date | null
}

/** A client whose session has been found in the list. */
export interface Opened {
  client: ScenarioClient
  key: string
  /** As it was listed first. */
  session: KitSession
  /** Between which two times, in ms since 1970, it was opened. */
  between: readonly [number, number]
}

/** One rule of the contract, and how it is checked. */
export interface Check {
  name: string
  /** The rule, in a sentence. */
  says: string
  /** The checks that must hold for this one to mean anything. */
  needs?: readonly string[]
  /** @throws Finding if the rule does not hold, NotChecked if it cannot be checked */
  run(harness: Harness): Promise<void>
}

/** Thrown by a check whose rule does not hold. The message says what was found instead. */
export class Finding extends Error {}

/** Thrown by a check that cannot be made. The message says what is missing. */
export class NotChecked extends Error {}

/** The source and the scenario that checks work with. Every list that is taken is judged by the rules for rows. */
export class Harness {
  /** What is wrong with the lists so far, by the name of the rule. */
  readonly rowFindings = new Map<string, string>()
  /** Who is kept out just now. */
  holds: Hold[] = []
  /** How many hints the source has given. */
  hints = 0
  private readonly stopping = new AbortController()
  private started: Promise<void> = Promise.resolve()
  private failure: unknown
  private readonly openHandles = new OpenHandles()
  private clients: ScenarioClient[] = []
  private listed = new Set<string>()
  private readonly gone = new Set<string>()

  constructor(
    readonly source: SessionSource<ListedSession>,
    readonly scenario: Scenario,
    readonly limits: Limits,
  ) {}

  /** What the source is given by `start`. */
  readonly site: Site = {
    changed: () => void this.hints++,
    loggedOut: () => {},
    isHeld: async (by, value, login) =>
      this.holds.some((hold) => hold.value === (hold.by === by ? value : hold.by === 'login' ? login : undefined)),
    notes: notesInMemory(),
  }

  /** Runs the source's `start`, as a collector would before its first list. */
  start(): void {
    const { signal } = this.stopping
    this.started = this.openHandles
      .follow(() => new Promise<void>((resolve) => resolve(this.source.start?.(this.site, signal))))
      .catch((error: unknown) => {
        if (!signal.aborted) this.failure = error ?? 'nothing'
      })
  }

  /** What `start` threw before it was stopped. */
  startFailed(): unknown {
    return this.failure
  }

  /** Aborts the signal of `start`. False where it does not settle in time. */
  stop(): Promise<boolean> {
    this.stopping.abort(new Error('The kit has stopped the source.'))
    return this.limited('The end of `start`', () => this.started).then(
      () => true,
      () => false,
    )
  }

  /** What `start` has opened and what keeps the process alive, by kind. */
  openedByStart(): string[] {
    return this.openHandles.kinds()
  }

  /** Stops, if it was not stopped before, and lets go of everything. */
  async over(): Promise<void> {
    await this.stop()
    this.openHandles.end()
  }

  async list(stopping?: AbortSignal): Promise<KitSession[]> {
    const sessions: unknown = await this.limited('The list', (signal) => this.source.list(signal), stopping)
    if (!Array.isArray(sessions)) throw new Finding(`\`list\` gives ${shown(sessions)}, where an array was expected`)
    this.judge(sessions as KitSession[])
    return sessions as KitSession[]
  }

  /** This session as it is listed now; undefined where it is not. */
  async find(key: string): Promise<KitSession | undefined> {
    return (await this.list()).find((session) => session.key === key)
  }

  end(session: ListedSession, signal?: AbortSignal): Promise<'asked' | 'already-gone'> {
    return this.limited('The answer to `end`', (limit) => {
      const stopping = signal ?? limit
      return this.source.end(session, stopping, () => this.list(stopping))
    })
  }

  /** Runs a call of the source or a client for at most `within`, and gives it a signal. */
  limited<T>(
    what: string,
    run: (signal: AbortSignal) => Promise<T>,
    stopping = new AbortController().signal,
  ): Promise<T> {
    return withTimeLimit(this.limits.within, what, stopping, run)
  }

  connect(login: string, address?: string): Promise<ScenarioClient> {
    return this.keep(this.scenario.connect(login, address))
  }

  /** Opens a session and waits until it is listed. */
  open(login: string): Promise<Opened> {
    return this.openAs(login, () => this.scenario.connect(login))
  }

  /** Opens a session without logging on; undefined where the source does not list such sessions. */
  async openWithoutLogon(connect: () => Promise<ScenarioClient>): Promise<Opened | undefined> {
    try {
      return await this.openAs(null, connect)
    } catch (error) {
      if (error instanceof Finding) return undefined
      throw error
    }
  }

  private async openAs(login: string | null, connect: () => Promise<ScenarioClient>): Promise<Opened> {
    const before = new Set((await this.list()).map(({ key }) => key))
    const beganAt = Date.now()
    const client = await this.keep(connect())
    const connectedAt = Date.now()
    const listed = async () => (await this.list()).find((one) => !before.has(one.key) && (one.login ?? null) === login)
    const session = await this.until(`a new session whose login is ${login}`, listed).catch(async (error) => {
      throw await this.lacking(client, messageOf(error))
    })
    return { client, session, key: session.key, between: [beganAt, connectedAt] }
  }

  private async keep(connecting: Promise<ScenarioClient>): Promise<ScenarioClient> {
    const client = await connecting
    this.clients.push(client)
    return client
  }

  /** Does the server still serve this client? No answer in time counts as no. */
  isConnected(client: ScenarioClient): Promise<boolean> {
    return this.limited('`isConnected`', () => client.isConnected()).catch(() => false)
  }

  /** A finding about a session that a list lacks: the list is to blame only while its client is connected. */
  async lacking(client: ScenarioClient, found: string): Promise<Finding> {
    const over = '; but its client is not connected any more: the server, or the scenario, has let go of it'
    return new Finding((await this.isConnected(client)) ? found : `${found}${over}`)
  }

  async closeAll(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.disconnect()))
  }

  /**
   * Calls `poll` until its value is truthy, for at most `within`.
   * @param what is expected, for the finding
   */
  async until<T>(what: string, poll: () => Promise<T | undefined | false>): Promise<T> {
    const deadline = Date.now() + this.limits.within
    let error: unknown
    // Less and less often: to many a source a list is a program that it starts.
    let wait = 25
    do {
      try {
        const value = await poll()
        error = undefined
        if (value !== undefined && value !== false) return value
      } catch (thrown) {
        error = thrown
      }
      await pause(wait)
      wait = Math.min(2 * wait, 200)
    } while (Date.now() < deadline)
    const instead = error === undefined ? '' : `; the last attempt failed: ${messageOf(error)}`
    throw new Finding(`not within ${this.limits.within / 1000} s: ${what}${instead}`)
  }

  private judge(sessions: KitSession[]): void {
    for (const { name, find } of rowRules) {
      if (this.rowFindings.has(name)) continue
      const found = find(sessions, this.source.kind)
      if (found !== null) this.rowFindings.set(name, found)
    }
    const keys = new Set(sessions.map(({ key }) => key))
    for (const key of this.listed) if (!keys.has(key)) this.gone.add(key)
    this.listed = keys
    const again = [...keys].find((key) => this.gone.has(key))
    if (again !== undefined && !this.rowFindings.has('keys-never-reused')) {
      this.rowFindings.set('keys-never-reused', `the key ${shown(again)} had left the list and is there again`)
    }
  }
}
