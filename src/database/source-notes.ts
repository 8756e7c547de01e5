import { LessThan, type Repository } from 'typeorm'
import type { NoteRow } from './rows.js'
import type { Notes } from '../session-source.js'

/** One source's durable memory, kept in its rows. Notes whose time has passed are dropped when they are asked for. */
export function notesOf(repository: Repository<NoteRow>, host: string, source: string): Notes {
  return {
    async get(key) {
      const row = await repository.findOneBy({ host, source, key })
      return row === null || row.until < new Date() ? undefined : (JSON.parse(row.value) as unknown)
    },
    async set(key, value, until) {
      await repository
        .createQueryBuilder()
        .insert()
        .values({ host, source, key, value: JSON.stringify(value), until })
        .orUpdate(['value', 'until'], ['host', 'source', 'key'])
        .updateEntity(false)
        .execute()
    },
    async all() {
      await repository.delete({ host, source, until: LessThan(new Date()) })
      const rows = await repository.findBy({ host, source })
      return new Map(rows.map((row) => [row.key, JSON.parse(row.value) as unknown]))
    },
  }
}
