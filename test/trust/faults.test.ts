import { afterEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ListedFtpSession } from '../../src/session-source.js'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { backEnd, host } from '../engine/back-end.js'
import { fakeSource, type FakeSource } from '../engine/fake-source.js'
import { thorough } from '../thorough.js'
import { until } from '../until.js'
import { sqliteWithTables } from '../servers/sqlite.js'
import { expectSameAsSource } from './same-as-source.js'
import { seed, seeded, type Chance } from './seeded.js'

/** `TRUST_RUNS` for a longer run. */
const runs = Number(process.env.TRUST_RUNS ?? (thorough ? 25 : 12))
const steps = 40
/** ms that a list may take here. */
const timeout = 25

type Call = () => Promise<unknown>
const faults = {
  none: (call: Call) => call(),
  throws: () => Promise.reject(new Error('It could not be read.')),
  hangs: () => new Promise<never>(() => {}),
  slow: (call: Call) => answered(call, timeout / 2),
  // What was true then arrives when nobody waits for it any more.
  late: (call: Call) => answered(call, timeout * 2),
  'lists junk': async () => [{ key: 7 }, null],
  'lists one twice': async () => [{ key: 'twice' }, { key: 'twice' }],
  'lists nothing that is a list': async () => ({ sessions: [] }),
}
type Fault = keyof typeof faults

async function answered(call: Call, ms: number): Promise<unknown> {
  const answer = await call()
  await sleep(ms)
  return answer
}

describe(`after random sessions, removals, faults and restarts (TRUST_SEED=${seed})`, () => {
  let stop = async () => {}
  afterEach(() => stop())

  test.each(Array.from({ length: runs }, (_, run) => run))(
    'run %d: the rows are what the source lists',
    async (run) => {
      const chance = seeded(`${seed} ${run}`)
      const database = await openDatabase(await sqliteWithTables())
      const truth = fakeSource()
      const spoilt: { list: Fault; end: Fault } = { list: 'none', end: 'none' }
      const source = fakeSource({
        list: (signal) => faults[spoilt.list](() => truth.list(signal)) as Promise<ListedFtpSession[]>,
        end: (session, signal) => faults[spoilt.end](() => truth.end(session, signal)) as Promise<'asked'>,
      })
      const start = async () => {
        const engine = await backEnd(source, { database, pollEvery: 10, timeout, endsWithin: 200 })
        engine.start()
        return engine
      }
      let engine = await start()
      stop = () => engine.stop()
      const restart = async () => {
        await Promise.all([engine.collector.stop(), engine.removals.stop()])
        engine = await start()
      }

      let connected = 0
      let now = 0
      const comes = () => truth.add(`s${connected++}`, doing(chance, ++now))
      const anyone = () => chance.of([...truth.sessions.keys(), 'nobody'])
      const happenings: (() => unknown)[] = [
        comes,
        comes,
        comes,
        () => truth.sessions.delete(anyone()),
        () => change(truth, anyone(), doing(chance, ++now)),
        () => chance.below(5) === 0 && truth.sessions.clear(),
        () => askForEnd(database, engine, chance),
        () => askForEnd(database, engine, chance),
        () => (spoilt.list = chance.of(Object.keys(faults) as Fault[])),
        () => (spoilt.end = chance.of(['none', 'throws', 'hangs', 'slow', 'late'] as const)),
        () => Object.assign(spoilt, { list: 'none', end: 'none' }),
        () => source.site?.changed(),
        () => chance.below(3) === 0 && restart(),
        () => sleep(chance.below(60)),
      ]
      // Every second time somebody else changes the rows as well.
      const tampering = run % 2 === 1
      if (tampering) {
        happenings.push(
          () => database.ftpSessions.delete({ key: anyone() }),
          () => database.ftpSessions.insert({ host, source: 'fake', key: `ghost ${connected++}` }),
        )
      }
      for (let step = 0; step < steps; step++) await chance.of(happenings)()
      Object.assign(spoilt, { list: 'none', end: 'none' })
      // That is noticed at the next start, or after a minute.
      if (tampering) await restart()

      await expectSameAsSource(() => truth.list(new AbortController().signal), engine.rows)
      await until(
        'each removal has an outcome',
        async () => !(await database.removals.existsBy({ outcome: 'pending' })),
      )
      const removals = await database.removals.find()
      const asked = removals.map(({ key }) => key)
      for (const key of truth.ended) expect(asked).toContain(key)
      for (const { key, outcome } of removals) {
        if (outcome === 'ended' || outcome === 'already-gone') expect([...truth.sessions.keys()]).not.toContain(key)
      }
      await until('the source is well, and its sessions are counted', async () => {
        const { state, sessions, error, failingSince } = await engine.status()
        return state === 'ok' && sessions === truth.sessions.size && error === null && failingSince === null
      })
    },
  )
})

function doing(chance: Chance, seconds: number): Partial<ListedFtpSession> {
  return {
    status: chance.of(['idle', 'uploading', 'downloading', 'authenticating']),
    login: chance.of(['alice', 'bob', null]),
    fileName: chance.of([null, 'a.bin', 'nul\0', '\ud800']),
    transferredBytes: chance.of([null, chance.below(1e9)]),
    lastActiveAt: chance.of([null, new Date(seconds * 1000)]),
  }
}

function change(truth: FakeSource, key: string, fields: Partial<ListedFtpSession>): void {
  const session = truth.sessions.get(key)
  if (session) truth.sessions.set(key, { ...session, ...fields })
}

/** Asks for the end of up to three sessions, as their rows are, and does not wait for it. */
async function askForEnd(
  database: Database,
  { records }: Awaited<ReturnType<typeof backEnd>>,
  chance: Chance,
): Promise<void> {
  const rows = await database.ftpSessions.find()
  const batch = crypto.randomUUID() as string
  const chosen = new Set(Array.from({ length: Math.min(3, rows.length) }, () => chance.of(rows)))
  await records.ask(
    Array.from(chosen, (session) => {
      const { id, source, key, login, ip } = session
      const about = { host, source, key, login, ip, session }
      return { batch, recordId: id, kind: 'ftp' as const, removedVia: 'admin' as const, ...about }
    }),
  )
}
