/** How an engine's SQL is written, where engines differ. */
export interface Dialect {
  /** An identifier that holds nothing to be escaped. */
  quoted(name: string): string
  /** The parameter of this number, from 1 on. */
  parameter(number: number): string
  /** A column as text. */
  text(column: string): string
  /** A column as text that differs wherever its value does. */
  exact(column: string): string
  /** Are two values the same, null included? */
  same: string
  /** Begins a transaction that can't write; null where the connection would keep everybody from writing. */
  readOnly: string | null
}

const mysql: Dialect = {
  quoted: (name) => `\`${name}\``,
  parameter: () => '?',
  text: (column) => `CAST(${column} AS CHAR)`,
  // Texts would be the same in another case.
  exact: (column) => `HEX(CAST(${column} AS BINARY))`,
  same: '<=>',
  readOnly: 'START TRANSACTION READ ONLY',
}

/** By TypeORM's names. */
export const dialects: Record<string, Dialect> = {
  postgres: {
    quoted: (name) => `"${name}"`,
    parameter: (number) => `$${number}`,
    text: (column) => `CAST(${column} AS text)`,
    exact: (column) => `CAST(${column} AS text)`,
    same: 'IS NOT DISTINCT FROM',
    readOnly: 'START TRANSACTION READ ONLY',
  },
  mysql,
  mariadb: mysql,
  sqlite: {
    quoted: (name) => `"${name}"`,
    parameter: () => '?',
    text: (column) => `CAST(${column} AS TEXT)`,
    // Also of what is no UTF-8.
    exact: (column) => `quote(${column})`,
    same: 'IS',
    // A DataSource has one connection for all that it does.
    readOnly: null,
  },
}
