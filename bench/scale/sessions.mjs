// An FTP server of many sessions, made up in memory. Seen every two seconds, one in a hundred of them has changed for each
// second that went by: most move a file, some do something, a few come and go.

/** How many of the sessions move a file at a time: each is another one at every look. */
const moving = 0.012
/** What else happens, as a share of the sessions a second. */
const happens = { acts: 0.0032, begins: 0.0002, finishes: 0.0002, closes: 0.0002, opens: 0.0002 }

/** By this login's sessions it is measured how soon a page shows one. */
export const watched = 'watched'

/**
 * @param {object} how
 * @param {string} how.host by which its keys are told from another one's
 * @param {number} how.size how many sessions it has
 * @param {number} [how.watchEvery] ms between two sessions of the login `watched`; none without it
 * @param {number} [how.watchFrom] when the first of these opens
 */
export function madeUpServer({ host, size, watchEvery = Infinity, watchFrom = Infinity }) {
  const sessions = []
  const transfers = []
  let opened = 0
  let last = Date.now()
  let nextWatched = watchFrom
  const counts = { lists: 0, changed: 0, watched: 0 }
  const owed = {}

  const open = (at, login) => {
    const n = opened++
    const session = {
      key: `${host}-${n}`,
      type: 'domain-user',
      login: login ?? `user${n % 4999}`,
      status: 'idle',
      domain: `customer${n % 997}.example.com`,
      ip: `192.0.${n % 250}.${n % 249}`,
      protocol: n % 3 === 0 ? 'ftps' : 'ftp',
      connectedAt: new Date(at),
      lastActiveAt: new Date(at),
      transferredBytes: null,
      totalBytes: null,
      fileName: null,
      location: `/home/user${n % 4999}/www`,
      command: null,
    }
    sessions.push(session)
    return session
  }
  const anyOf = (some) => Math.floor(Math.random() * some.length)
  /** Not the order in which they were opened: nobody asked for that. */
  const takeOut = (some, i) => {
    const one = some[i]
    const end = some.pop()
    if (end !== one) some[i] = end
    return one
  }
  const anIdleOne = () => {
    for (;;) {
      const i = anyOf(sessions)
      if (sessions[i].status === 'idle') return i
    }
  }
  const begin = (session, at) => {
    const fileName = `${session.location}/backup-${Math.floor(at)}.tar.gz`
    const goesUp = Math.random() < 0.5
    Object.assign(session, {
      ...{
        status: goesUp ? 'uploading' : 'downloading',
        transferredBytes: 0,
        totalBytes: goesUp ? null : 5e9,
        fileName,
      },
      ...{ command: `${goesUp ? 'STOR' : 'RETR'} ${fileName}`, lastActiveAt: new Date(at) },
    })
    transfers.push(session)
    return session
  }
  const events = {
    acts(at) {
      const session = sessions[anIdleOne()]
      session.lastActiveAt = new Date(at)
      session.location = `/home/${session.login}/www/${Math.floor(Math.random() * 100)}`
      return session
    },
    begins: (at) => begin(sessions[anIdleOne()], at),
    finishes(at) {
      const session = takeOut(transfers, anyOf(transfers))
      const nothing = { transferredBytes: null, totalBytes: null, fileName: null, command: null }
      return Object.assign(session, nothing, { status: 'idle', lastActiveAt: new Date(at) })
    },
    closes: () => takeOut(sessions, anIdleOne()),
    opens: (at) => open(at),
  }

  for (let n = 0; n < size; n++) open(last - Math.floor((1 - n / size) * 10_000_000))
  for (let n = 0; n < size * moving; n++) begin(sessions[anIdleOne()], last)

  /** What has happened since the last look, each at its time: whoever looks late finds more, and none of it is younger. */
  function goOn(now) {
    const changed = new Set()
    const elapsed = now - last
    for (const [what, share] of Object.entries(happens)) {
      const due = (share * size * elapsed) / 1000 + (owed[what] ?? 0)
      owed[what] = due % 1
      for (let i = 0; i < Math.floor(due); i++) changed.add(events[what](last + (elapsed * (i + 0.5)) / due))
    }
    for (; nextWatched <= now; nextWatched += watchEvery) {
      changed.add(open(nextWatched, watched))
      counts.watched++
    }
    for (const session of transfers) {
      session.transferredBytes += Math.ceil(elapsed * (500 + 1000 * Math.random()))
      session.lastActiveAt = new Date(now)
      changed.add(session)
    }
    counts.changed += changed.size
    last = now
  }

  return {
    counts,
    source: {
      name: 'made-up',
      kind: 'ftp',
      evidence: 'live',
      async list() {
        counts.lists++
        goOn(Date.now())
        // Made anew for each list, as a server's answer is.
        return sessions.map((session) => ({ ...session }))
      },
      end: async () => 'asked',
    },
  }
}
