// A source whose user namespace has no inotify instance left, and gets some: node unwatched.child.mjs DIRECTORY.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import '../../../fresh-dist.mjs'
import { sessionFiles } from '../../../../dist/collectors/panel/session-files/session-files.js'

const [directory] = process.argv.slice(2)
const source = sessionFiles({ directory, session: ({ user }) => (user ? { login: user } : null) })
const stopping = new AbortController()
const { signal } = new AbortController()
const said = {}
let hints = 0
const started = source.start({ changed: () => hints++ }, stopping.signal)
const until = async (condition) => {
  while (!(await condition())) await sleep(10)
}
await until(async () => {
  await source.list(signal)
  return source.warnings().length > 0
})
said.warnings = source.warnings()
const write = (user) => writeFileSync(join(directory, `${user}.json`), JSON.stringify({ user }))
write('alice')
said.logins = (await source.list(signal)).map(({ login }) => login)
said.hints = hints
writeFileSync('/proc/sys/user/max_inotify_instances', '128')
await until(async () => {
  await source.list(signal)
  return source.warnings().length === 0
})
let n = 0
await until(() => {
  write(`user${n++}`)
  return hints > 0
})
stopping.abort()
await started
console.log(JSON.stringify(said))
