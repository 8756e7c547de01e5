import { useEffect, useState } from 'react'
import type { CsvAnswer } from '../../actions/page-answers.js'
import { apiUrl, ask, LoggedOut, Unanswered, type WithNotice } from '../shared/http.js'

interface Csv {
  /** How many there are so far. */
  rows: number
  /** Of the file, once it has all of them. */
  url: string | null
  /** Why there is none. */
  failure: Error | null
  loggedOut: boolean
}

const nothing: Csv = { rows: 0, url: null, failure: null, loggedOut: false }

/** A file of all that a list with these filters has, asked for piece by piece for as long as the page is open. */
export function useCsv(resourceId: string, filters: string): Csv {
  const [csv, setCsv] = useState(nothing)

  useEffect(() => {
    const life = new AbortController()
    let url: string | undefined
    setCsv(nothing)
    const make = async () => {
      // Without the mark, spreadsheets take UTF-8 for something else.
      const pieces = ['\uFEFF']
      let rows = 0
      for (let after: number | null = 0; after !== null;) {
        const search = new URLSearchParams([...new URLSearchParams(filters), ['after', String(after)]])
        const answer: CsvAnswer & WithNotice = await ask(apiUrl(resourceId, ['actions', 'csv'], search), {
          signal: life.signal,
        })
        if (typeof answer.csv !== 'string') throw new Unanswered(answer, 'noCsv')
        pieces.push(answer.csv)
        rows += answer.rows
        after = answer.next
        setCsv({ ...nothing, rows })
      }
      url = URL.createObjectURL(new Blob(pieces, { type: 'text/csv;charset=utf-8' }))
      setCsv({ ...nothing, rows, url })
    }
    make().catch((error: unknown) => {
      if (life.signal.aborted) return
      if (error instanceof LoggedOut) setCsv((before) => ({ ...before, loggedOut: true }))
      else setCsv((before) => ({ ...before, failure: error as Error }))
    })
    return () => {
      life.abort()
      if (url !== undefined) URL.revokeObjectURL(url)
    }
  }, [resourceId, filters])

  return csv
}
