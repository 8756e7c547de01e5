// One FTP host: the collector of the built package over a server that is made up.
import { collectSessions } from '../../dist/collect.js'
import { measured } from './measured.mjs'
import { madeUpServer } from './sessions.mjs'

const { url, host, pollEvery, ...how } = JSON.parse(process.argv[2])
const { source, counts } = madeUpServer({ host, ...how })
await collectSessions({ database: { type: 'postgres', url }, host, pollEvery, sources: [source] })
let before
measured({
  begin: () => (before = { ...counts }),
  end: () => Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count - before[name]])),
})
