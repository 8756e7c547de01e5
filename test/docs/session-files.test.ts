import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessionFiles } from '../../src/collectors/panel/session-files/session-files.js'
import type { PanelSource } from '../../src/session-source.js'
import { list } from '../collectors/panel/express-sessions/fake-site.js'

const page = readFileSync('docs/session-files.md', 'utf8')
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'docs-session-files-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** The example below a heading, on a directory of ours. */
function documented(heading: string, names: Record<string, string> = {}): PanelSource {
  const [, code] = /```js\n([^]*?)```/.exec(page.slice(page.indexOf(heading)))!
  const ours = code!.replace(/^import .*$/gm, '').replace(/directory: '.*'/, `directory: ${JSON.stringify(directory)}`)
  // That it runs as it stands is what is tested.
  const make = new Function('sessionFiles', 'namesOf', `${ours}\nreturn source`)
  const namesOf = async (users: string[]) => new Map(users.map((user) => [user, names[user]]))
  return make(sessionFiles, namesOf) as PanelSource
}

test('PHP', async () => {
  writeFileSync(join(directory, 'sess_abc'), 'user|s:5:"alice";role|s:5:"admin";ip|s:9:"192.0.2.1";')
  writeFileSync(join(directory, 'sess_def'), '_token|s:1:"x";')
  expect(await list(documented('## PHP'))).toMatchObject([{ login: 'alice', type: 'admin', ip: '192.0.2.1' }])
})

test('session-file-store', async () => {
  const write = (name: string, session: object) =>
    writeFileSync(join(directory, `${name}.json`), JSON.stringify(session))
  const adminUser = { email: 'alice@example.com', role: 'admin' }
  const now = Date.now()
  write('a', { cookie: { originalMaxAge: 60_000 }, adminUser, __lastAccess: now })
  write('b', { cookie: { originalMaxAge: null }, adminUser: { email: 'bob' }, __lastAccess: now })
  write('over', { cookie: { originalMaxAge: 60_000 }, adminUser, __lastAccess: now - 61_000 })
  write('guest', { cookie: { originalMaxAge: 60_000 }, __lastAccess: now })
  const sessions = await list(documented('## session-file-store'))
  expect(sessions.sort((a, b) => (a.login! < b.login! ? -1 : 1))).toMatchObject([
    { login: 'alice@example.com', type: 'admin', expiresAt: new Date(now + 60_000) },
    { login: 'bob', expiresAt: new Date(now + 3_600_000) },
  ])
})

test('any other', async () => {
  const id = '0123456789abcdef'.repeat(2)
  writeFileSync(join(directory, `session-${id}.txt`), 'user=7&theme=dark')
  writeFileSync(join(directory, `session-${id.replace('0', 'f')}.txt`), 'theme=dark')
  expect(await list(documented('## Any other', { 7: 'alice' }))).toMatchObject([{ login: 'alice' }])
})
