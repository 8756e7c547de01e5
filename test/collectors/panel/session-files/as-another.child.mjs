// Lists sessions, and ends one, as another user: node as-another.child.mjs DIRECTORY UID [LOGIN].
import '../../../fresh-dist.mjs'
import { sessionFiles } from '../../../../dist/collectors/panel/session-files/session-files.js'

const [directory, uid, login] = process.argv.slice(2)
process.setgroups([])
process.setgid(Number(uid))
process.setuid(Number(uid))
const source = sessionFiles({ directory, session: ({ user }) => (user ? { login: user } : null) })
const { signal } = new AbortController()
const said = { missing: await source.missingRights(signal) }
try {
  const sessions = await source.list(signal)
  said.logins = sessions.map(({ login }) => login)
  said.warnings = source.warnings()
  const session = sessions.find((one) => one.login === login)
  if (session) said.end = await source.end(session, signal).catch((error) => `${error.name}: ${error.message}`)
} catch (error) {
  said.error = error.message
}
console.log(JSON.stringify(said))
