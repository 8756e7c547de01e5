import { Table, type EntitySchemaColumnOptions, type QueryRunner, type TableColumnOptions } from 'typeorm'
import type { Engine } from '../entities.js'

/** A table as a migration makes it. */
export interface MigratedTable {
  tableName: string
  columns: Record<string, EntitySchemaColumnOptions>
  uniques?: { name: string; columns: string[] }[]
  indices?: { name: string; columns: string[] }[]
}

export function engineOf(queryRunner: QueryRunner): Engine {
  return queryRunner.connection.options.type === 'postgres' ? 'postgres' : 'sqlite'
}

export async function createTable(queryRunner: QueryRunner, table: MigratedTable): Promise<void> {
  await queryRunner.createTable(
    new Table({
      name: table.tableName,
      columns: Object.entries(table.columns).map(([name, column]) => columnOf(name, column)),
      uniques: table.uniques?.map(({ name, columns }) => ({ name, columnNames: columns })),
      indices: table.indices?.map(({ name, columns }) => ({ name, columnNames: columns })),
    }),
    true,
  )
}

/** A column of an entity as TypeORM's table API wants it. */
export function columnOf(name: string, column: EntitySchemaColumnOptions): TableColumnOptions {
  return {
    name,
    // simple-json is TypeORM's word for JSON kept as text.
    type: column.type === 'simple-json' ? 'text' : String(column.type),
    length: column.length === undefined ? undefined : String(column.length),
    isNullable: column.nullable ?? false,
    default: column.default === undefined ? undefined : String(column.default),
    isPrimary: column.primary ?? false,
    isGenerated: column.generated !== undefined,
    generationStrategy: column.generated === undefined ? undefined : 'increment',
  }
}
