import type { EndingAnswer } from '../../actions/http-api.js'

/** The ways in which every one of these sessions can be kept out. A way that only some sources have is not offered. */
export function commonWays(ending: EndingAnswer[]): ('login' | 'ip')[] {
  return (['login', 'ip'] as const).filter(
    (by) => ending.length > 0 && ending.every(({ keepOut }) => keepOut.some((way) => way.by === by)),
  )
}

/** Whose sessions are cut too, each once. `more`: the server did not name all of them; too many, or the admin may not see them. */
export function cutToo(ending: EndingAnswer[], by: 'login' | 'ip'): { who: string[]; more: boolean } {
  const cuts = ending.flatMap(({ keepOut }) => keepOut.filter((way) => way.by === by)).map(({ cutsToo }) => cutsToo)
  const who = cuts.flatMap(({ sessions }) => sessions.map(({ login, ip }) => [login, ip].filter(Boolean).join(' · ')))
  return { who: [...new Set(who)], more: cuts.some(({ count, sessions }) => count > sessions.length) }
}
