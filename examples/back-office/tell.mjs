import { ftpAccounts, panelAccounts } from './accounts.mjs'

/** Prints rows as a table. */
export function tellTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column])).join('   ')}`.trimEnd())
}

/** Prints who may log in to the panel. */
export function tellPanelLogins() {
  tellTable([['login', 'password', ''], ...panelAccounts.map(({ email, password, may }) => [email, password, may])])
}

/** Prints who may log in by FTP. */
export function tellFtpLogins() {
  tellTable([['login', 'password', ''], ...ftpAccounts.map(({ login, password, domain }) => [login, password, domain])])
}
