import { Collector } from '../../src/collectors/engine/collector.js'
import { Holds } from '../../src/collectors/engine/holds.js'
import { notesOf } from '../../src/collectors/engine/notes.js'
import { ftpFields, panelFields } from '../../src/collectors/engine/reconcile.js'
import { RemovalRequests } from '../../src/collectors/engine/removal-requests.js'
import { Removals } from '../../src/collectors/engine/removals.js'
import type { ListedSession, SessionSource } from '../../src/collectors/engine/session-source.js'
import { SessionTable } from '../../src/collectors/engine/session-table.js'
import { SourceStatus } from '../../src/collectors/engine/source-status.js'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/resources/database.js'

/** The engine over one source without AdminJS, wired as `createSessions` does it. */
export async function backEnd<Session extends ListedSession>(
  source: SessionSource<Session>,
  options: { database?: DatabaseOptions | Database; pollEvery?: number; timeout?: number; endsWithin?: number } = {},
) {
  const given = options.database ?? { type: 'sqlite' as const, database: ':memory:' }
  const database = 'connection' in given ? given : await openDatabase(given)
  const { name, kind, evidence } = source
  const host = 'test-host'
  const holds = new Holds(database.holds)
  const requests = new RemovalRequests(database.removals)
  const reports: string[] = []
  const report = (message: string) => void reports.push(message)
  const timeout = options.timeout ?? 1000
  const table =
    kind === 'panel'
      ? new SessionTable(database.panelSessions, host, name, panelFields)
      : new SessionTable(database.ftpSessions, host, name, ftpFields)
  const collector: Collector = new Collector(source as unknown as SessionSource<ListedSession>, {
    table,
    status: new SourceStatus(database.sourceStatuses, { host, name, kind, evidence }),
    holds,
    notes: notesOf(database.notes, host, name),
    pollEvery: options.pollEvery ?? 50,
    timeout,
    report,
    afterLook: () => void removals.settle(),
  })
  const removals = new Removals(collector, { host, requests, holds, timeout, endsWithin: options.endsWithin ?? 2000, report })
  const rows = () =>
    kind === 'panel'
      ? database.panelSessions.find({ order: { key: 'ASC' } })
      : database.ftpSessions.find({ order: { key: 'ASC' } })
  return {
    database,
    collector,
    removals,
    requests,
    holds,
    reports,
    rows,
    keys: async () => (await rows()).map(({ key }) => key),
    status: () => database.sourceStatuses.findOneByOrFail({ host, name }),
    start() {
      collector.start()
      removals.start()
    },
    /** Asks for the end of these rows, as the page does, and waits for the outcomes. */
    async remove(keys: string[], batch = crypto.randomUUID(), wait = 5000) {
      const all = await rows()
      await requests.ask(
        keys.map((key) => {
          const row = all.find((candidate) => candidate.key === key)
          if (!row) throw new Error(`no row ${key}`)
          return { batch, recordId: row.id, kind, removedVia: 'admin' as const, host, source: name, key, login: row.login, ip: row.ip, session: row }
        }),
      )
      return requests.outcomes(batch, kind, wait)
    },
    async stop() {
      await Promise.all([removals.stop(), collector.stop()])
      await database.close()
    },
  }
}
