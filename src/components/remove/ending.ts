import type { RecordJSON } from 'adminjs'
import { useEffect, useState } from 'react'
import type { EndingAnswer } from '../../actions/http-api.js'
import { removeUrl } from '../shared/api.js'
import { ask } from '../shared/http.js'

/**
 * What can be had beside the end of these sessions, as the server says. AdminJS asks for the drawer's records itself and
 * hands on nothing but them, so this asks once more. Empty until it is answered, and where it is not.
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

/** The ways in which every one of these sessions can be kept out: what only some sources can is not offered for all. */
export function commonWays(ending: EndingAnswer[]): ('login' | 'ip')[] {
  return (['login', 'ip'] as const).filter(
    (by) => ending.length > 0 && ending.every(({ keepOut }) => keepOut.some((way) => way.by === by)),
  )
}

/** Who would be cut as well, each once; `more` where the server named not all of them: too many, or not for the asker. */
export function cutToo(ending: EndingAnswer[], by: 'login' | 'ip'): { who: string[]; more: boolean } {
  const cuts = ending.flatMap(({ keepOut }) => keepOut.filter((way) => way.by === by)).map(({ cutsToo }) => cutsToo)
  const who = cuts.flatMap(({ sessions }) => sessions.map(({ login, ip }) => [login, ip].filter(Boolean).join(' · ')))
  return { who: [...new Set(who)], more: cuts.some(({ count, sessions }) => count > sessions.length) }
}
