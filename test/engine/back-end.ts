import type { Fence } from '../../src/database/fence.js'
import { Holds } from '../../src/database/holds.js'
import { RemovalRecords } from '../../src/database/removal-records.js'
import type { ListedSession, SessionSource } from '../../src/session-source.js'
import { sourceEngine } from '../../src/collectors/engine/source-engine.js'
import { openDatabase, type Database, type DatabaseOptions } from '../../src/database/open-database.js'
import type { SessionRemovalRow } from '../../src/database/rows.js'
import { sqliteWithTables } from '../servers/sqlite.js'
import { hangs } from '../until.js'

export const host = 'test-host'

/** As if no other process had the source: several engines of a test may write its rows by turns. */
const aloneAt = (place: string): Parameters<typeof sourceEngine>[1]['lease'] => ({
  fence: { isHeld: '1 = 1', host: () => `'${place}'`, parameters: {}, epoch: 1 } as unknown as Fence,
  tell: (holder) => holder.taken(),
  stands: async () => true,
  ask: async () => {},
})

/** The engine over one source without AdminJS, wired as `createSessions` does it. */
export async function backEnd<Session extends ListedSession>(
  source: SessionSource<Session>,
  options: {
    database?: DatabaseOptions | Database
    pollEvery?: number
    timeout?: number
    endsWithin?: number
    lease?: Parameters<typeof sourceEngine>[1]['lease']
  } = {},
) {
  const given = options.database ?? (await sqliteWithTables())
  const database = 'connection' in given ? given : await openDatabase(given)
  const { name, kind } = source
  const holds = new Holds(database)
  const records = new RemovalRecords(database)
  const reports: string[] = []
  const { collector, removals } = sourceEngine(source as unknown as SessionSource<ListedSession>, {
    database,
    holds,
    records,
    host,
    lease: options.lease ?? aloneAt(source.host ?? host),
    pollEvery: options.pollEvery ?? 50,
    timeout: options.timeout ?? hangs,
    endsWithin: options.endsWithin ?? hangs,
    report: (message) => void reports.push(message),
  })
  const rows = () =>
    kind === 'panel'
      ? database.panelSessions.find({ order: { key: 'ASC' } })
      : database.ftpSessions.find({ order: { key: 'ASC' } })
  return {
    database,
    collector,
    removals,
    records,
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
    async remove(
      keys: string[],
      {
        batch = crypto.randomUUID() as string,
        wait = hangs,
        ...over
      }: { batch?: string; wait?: number } & Partial<SessionRemovalRow> = {},
    ) {
      const all = await rows()
      await records.ask(
        keys.map((key) => {
          const row = all.find((candidate) => candidate.key === key)
          if (!row) throw new Error(`no row ${key}`)
          const { login, ip } = row
          return {
            batch,
            recordId: row.id,
            kind,
            removedVia: 'admin' as const,
            host,
            source: name,
            key,
            login,
            ip,
            session: row,
            ...over,
          }
        }),
      )
      return records.outcomes(batch, kind, wait)
    },
    async stop() {
      await Promise.all([removals.stop(), collector.stop()])
      await database.close()
    },
  }
}
