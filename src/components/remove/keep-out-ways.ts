import type { EndingAnswer } from '../../actions/http-api.js'

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
