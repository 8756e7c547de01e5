import { Table, type EntitySchemaColumnOptions, type MigrationInterface, type QueryRunner } from 'typeorm'
import { tables, type Engine } from '../tables.js'

interface Named {
  name: string
  columns: string[]
}

/**
 * Creates every table of version 0.1. What admins ended must outlive an upgrade: whoever changes `tables` after that
 * release gives this migration a copy of the old ones and adds a migration of his own.
 */
export class FirstTables implements MigrationInterface {
  // TypeORM wants a name that ends in a 13-digit time.
  readonly name = 'FirstTables1795392000000'

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const table of Object.values(tables(engineOf(queryRunner)))) {
      const columns = Object.entries(table.columns as Record<string, EntitySchemaColumnOptions>)
      await queryRunner.createTable(
        new Table({
          name: table.tableName,
          columns: columns.map(([name, column]) => ({
            name,
            // simple-json is TypeORM's word for JSON kept as text.
            type: column.type === 'simple-json' ? 'text' : String(column.type),
            length: column.length === undefined ? undefined : String(column.length),
            isNullable: column.nullable ?? false,
            default: column.default === undefined ? undefined : String(column.default),
            isPrimary: column.primary ?? false,
            isGenerated: column.generated !== undefined,
            generationStrategy: column.generated === undefined ? undefined : 'increment',
          })),
          uniques: (table.uniques as Named[] | undefined)?.map((unique) => ({
            name: unique.name,
            columnNames: unique.columns,
          })),
          indices: (table.indices as Named[] | undefined)?.map((index) => ({
            name: index.name,
            columnNames: index.columns,
          })),
        }),
        true,
      )
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of Object.values(tables(engineOf(queryRunner)))) await queryRunner.dropTable(table.tableName, true)
  }
}

function engineOf(queryRunner: QueryRunner): Engine {
  return queryRunner.connection.options.type === 'postgres' ? 'postgres' : 'sqlite'
}
