import type { RecordJSON } from 'adminjs'
import { useEffect, useState } from 'react'
import type { EndingAnswer } from '../../actions/page-answers.js'
import { ask, removeUrl } from '../shared/http.js'

/**
 * By what each of these sessions can be kept out. AdminJS fetches the drawer's records itself and passes on nothing else
 * of the answer, so this is a second request. Empty until it is answered, and if it fails.
 */
export function useEnding(resourceId: string, records: RecordJSON[]): EndingAnswer[] {
  const [ending, setEnding] = useState<EndingAnswer[]>([])

  useEffect(() => {
    const ids = records.filter(({ params }) => !params.gone).map(({ id }) => id)
    if (ids.length === 0) return
    const life = new AbortController()
    ask<{ ending?: EndingAnswer[] }>(removeUrl(resourceId, ids), { poll: true, signal: life.signal })
      .then((answer) => setEnding(answer.ending ?? []))
      .catch(() => undefined)
    return () => life.abort()
  }, [resourceId, records])

  return ending
}
