import type { EndingAnswer } from '../../actions/page-answers.js'

export type Way = EndingAnswer['keepOut'][number]

/** The ways in which every one of these sessions can be kept out, with all whom each cuts too. One that only some sources have is not offered. */
export function commonWays(ending: EndingAnswer[]): Way[] {
  return (['login', 'ip'] as const).flatMap((by) => {
    const ways = ending.flatMap(({ keepOut }) => keepOut.filter((way) => way.by === by))
    return ending.length === 0 || ways.length < ending.length ? [] : [together(by, ways)]
  })
}

/** The ways that any of several removals has, each of which applies it where it can. */
export function anyWays(each: Way[][]): Way[] {
  return (['login', 'ip'] as const).flatMap((by) => {
    const ways = each.flat().filter((way) => way.by === by)
    return ways.length === 0 ? [] : [together(by, ways)]
  })
}

function together(by: Way['by'], ways: Way[]): Way {
  const count = ways.reduce((sum, { cutsToo }) => sum + cutsToo.count, 0)
  return { by, cutsToo: { count, sessions: ways.flatMap(({ cutsToo }) => cutsToo.sessions) } }
}

/** Whose sessions are cut too, each once. `more`: the server did not name all of them; too many, or the admin may not see them. */
export function cutToo(ways: Way[], by: Way['by']): { who: string[]; more: boolean } {
  const cuts = ways.filter((way) => way.by === by).map(({ cutsToo }) => cutsToo)
  const who = cuts.flatMap(({ sessions }) => sessions.map(({ login, ip }) => [login, ip].filter(Boolean).join(' · ')))
  return { who: [...new Set(who)], more: cuts.some(({ count, sessions }) => count > sessions.length) }
}
