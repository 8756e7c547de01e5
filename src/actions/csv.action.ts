import type { Action, ActionContext, ActionRequest, ActionResponse } from 'adminjs'
import { stringify } from 'csv-stringify/sync'
import { isRowId } from '../database/rows.js'
import { onlyVisible, type Access } from './access.js'
import type { CsvAnswer } from './page-answers.js'
import { knownFilters } from './known-filters.js'
import { rowsAfter } from './scope.js'

const rowsAtOnce = 1000

/**
 * The action `csv`: what a list with the same filters has on all of its pages, oldest first, a thousand rows in one answer,
 * from the one after `after`. Columns have the names that the fields have in this package, in every language: files of
 * two admins fit together, and so does whatever reads them.
 */
export function csvAction(
  { access }: { access: Access },
  component: string,
  fields: readonly string[],
  asTheyAre: (rows: { id: number }[]) => Promise<{ id: number }[]> = (rows) => Promise.resolve(rows),
): Partial<Action<ActionResponse>> {
  return {
    actionType: 'resource',
    icon: 'Download',
    component,
    showInDrawer: true,
    before: [onlyVisible(access), knownFilters],
    handler: async (request: ActionRequest, _response: unknown, context: ActionContext): Promise<CsvAnswer> => {
      const after = String(request.query?.after)
      const from = isRowId(after) ? Number(after) : 0
      const rows = await rowsAfter(from, rowsAtOnce, request, context)
      const next = rows.length < rowsAtOnce ? null : rows.at(-1)!.id
      return { csv: asCsv(await asTheyAre(rows), fields, from === 0), rows: rows.length, next }
    },
  }
}

/** @see https://www.rfc-editor.org/rfc/rfc4180 */
function asCsv(rows: readonly object[], fields: readonly string[], header: boolean): string {
  return stringify([...rows], {
    ...{ columns: [...fields], header, quoted: true, record_delimiter: 'windows', escape_formulas: true },
    cast: {
      string: withoutFormulas,
      date: (date) => date.toISOString(),
      boolean: String,
    },
  })
}

/** What a formula begins with; the same as `escape_formulas` of csv-stringify, which looks at the beginning of a cell. */
const beginnings = new Set('=+-@\uFF1D\uFF0B\uFF0D\uFF20')

/**
 * A spreadsheet that separates columns by something else, as many a language has it, begins a cell in the middle of one:
 * there, too, an apostrophe says that it is a text. What is not seen counts for nothing: LibreOffice 7.4 and Gnumeric 1.12
 * save a cell without its control characters, and a formula in it would come first in their file.
 *
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
function withoutFormulas(text: string): string {
  return text.replace(/^["'\s\p{C}]+|[\t,;\r\n]["'\s\p{C},;]*/gu, (run, at: number) =>
    beginnings.has(text[at + run.length] ?? '') ? `${run}'` : run,
  )
}
