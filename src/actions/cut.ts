import { In, type FindOptionsWhere, type Repository } from 'typeorm'
import type { Database } from '../database/open-database.js'
import type { FtpSessionRow, PanelSessionRow } from '../database/rows.js'
import type { SessionKind } from '../session-fields.js'

export type Row = PanelSessionRow | FtpSessionRow
export type SessionRows = Repository<Row>
export type Way = 'login' | 'ip'

/** The table of a kind. */
export function sessionsOf(
  { panelSessions, ftpSessions }: Pick<Database, 'panelSessions' | 'ftpSessions'>,
  kind: SessionKind,
): SessionRows {
  return (kind === 'panel' ? panelSessions : ftpSessions) as SessionRows
}

/** All that keeping out this row's login or address would cut, by id, itself among them; the same map for the same name. */
export type Cut = (row: Row, by: Way) => ReadonlyMap<number, Row>

/** Looks it up for all these rows by one query; by none where nobody can be kept out. */
export async function cutWith(sessions: SessionRows, rows: Row[], waysOf: (row: Row) => Way[]): Promise<Cut> {
  const where = (['login', 'ip'] as const).flatMap((by): FindOptionsWhere<Row>[] => {
    const some = rows.filter((row) => row[by] !== null && waysOf(row).includes(by))
    const any = (field: 'host' | 'source' | Way) => In([...new Set(some.map((row) => row[field]))])
    return some.length === 0 ? [] : [{ host: any('host'), source: any('source'), [by]: any(by) }]
  })
  const cut = new Map<string, Map<number, Row>>()
  const of = (row: Row, by: Way) => {
    const name = JSON.stringify([row.host, row.source, by, row[by]])
    if (!cut.has(name)) cut.set(name, new Map())
    return cut.get(name)!
  }
  for (const row of where.length === 0 ? [] : await sessions.find({ where, order: { id: 'ASC' } })) {
    of(row, 'login').set(row.id, row)
    of(row, 'ip').set(row.id, row)
  }
  return of
}
