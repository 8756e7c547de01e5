import type { RecordJSON } from 'adminjs'

/** AdminJS types a record's id as text and sends the number that the table has. */
export function withTextIds(records: RecordJSON[]): RecordJSON[] {
  return records.map((record) => ({ ...record, id: String(record.id) }))
}
