// One FTP host, or several: the collector of the built package over servers that are made up.
import { collectSessions } from '../../dist/collect.js'
import { measured } from './measured.mjs'
import { madeUpServer } from './sessions.mjs'

const { url, hosts, pollEvery, size, watchEvery } = JSON.parse(process.argv[2])
const servers = hosts.map(({ name, watchFrom }) => ({
  name,
  ...madeUpServer({ host: name, size, watchEvery, watchFrom }),
}))
for (const { name, source } of servers)
  await collectSessions({ database: { type: 'postgres', url }, host: name, pollEvery, sources: [source] })

const counted = () => {
  const sums = { lists: 0, changed: 0, watched: 0 }
  for (const { counts } of servers) for (const name of Object.keys(sums)) sums[name] += counts[name]
  return sums
}
let before
measured({
  begin: () => (before = counted()),
  end: () => Object.fromEntries(Object.entries(counted()).map(([name, count]) => [name, count - before[name]])),
})
