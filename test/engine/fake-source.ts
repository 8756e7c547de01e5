import type { FtpSource, ListedFtpSession, Site } from '../../src/session-source.js'

/** A source whose sessions, faults and slowness a test decides on. */
export interface FakeSource extends FtpSource {
  sessions: Map<string, ListedFtpSession>
  /** Keys that `end` was asked for, in order. */
  ended: string[]
  site: Site | undefined
  looks: number
  add(key: string, fields?: Partial<ListedFtpSession>): void
}

export function fakeSource(over: Partial<FtpSource> = {}): FakeSource {
  const source: FakeSource = {
    name: 'fake',
    kind: 'ftp',
    evidence: 'live',
    sessions: new Map(),
    ended: [],
    site: undefined,
    looks: 0,
    add(key, fields = {}) {
      source.sessions.set(key, { key, login: key, ip: '192.0.2.1', status: 'idle', ...fields })
    },
    async list() {
      source.looks++
      return [...source.sessions.values()].map((session) => ({ ...session }))
    },
    async end({ key }) {
      source.ended.push(key)
      return source.sessions.delete(key) ? 'asked' : 'already-gone'
    },
    start(site) {
      source.site = site
    },
    ...over,
  }
  return source
}
