import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the README tells a new back office to install. */
export const packages = [
  'adminjs',
  '@adminjs/express',
  '@adminjs/typeorm',
  'express',
  'express-session',
  'typeorm@0.3',
  'sqlite3',
]

export function expect(holds, what, found) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (holds) return
  console.error(found)
  process.exitCode = 1
}

/** An empty app in a directory of its own, with nothing installed. */
export function makeApp(directory) {
  mkdirSync(directory)
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }))
  copyFileSync(fileURLToPath(new URL('app.mjs', import.meta.url)), join(directory, 'app.mjs'))
  return directory
}

/**
 * Starts the app, logs on, and asks for its list and for whatever scripts its page names.
 *
 * @returns what each script was answered with, by its name: `{ status, code }`; and the list
 * @throws Error with what the app said where it ends by itself
 */
export async function openApp(directory) {
  const server = spawn(process.execPath, ['app.mjs'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] })
  // Not `exit`: then some of what it said may be still to come.
  const exited = once(server, 'close')
  let complaints = ''
  server.stderr.setEncoding('utf8').on('data', (text) => (complaints += text))
  try {
    const [said] = await Promise.race([once(server.stdout.setEncoding('utf8'), 'data'), exited.then(() => [])])
    if (said === undefined) throw new Error(complaints)
    const url = said.trim()
    const logon = await fetch(`${url}/login`, {
      method: 'POST',
      body: new URLSearchParams({ email: 'admin@example.com', password: 'secret' }),
      redirect: 'manual',
    })
    const cookie = logon.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const get = (path) => fetch(new URL(path, url), { headers: { cookie } })
    const api = `${url}/api/resources/PanelSession/actions`
    await fetch(`${api}/refresh`, { method: 'POST', headers: { cookie } })
    const list = await (await get(`${api}/list`)).json()
    const page = await (await get(`${url}/resources/PanelSession`)).text()
    const scripts = {}
    for (const [, path] of page.matchAll(/<script[^>]* src="([^"]+)"/g)) {
      const answer = await get(path)
      scripts[path.split('/').at(-1)] = { status: answer.status, code: await answer.text() }
    }
    return { list, scripts }
  } finally {
    server.kill()
    await exited
  }
}

/** Those that a browser gets: AdminJS's own, and the bundle with this package's components in it. */
export function expectPages({ list, scripts }) {
  expect(list.records?.[0]?.params.login === 'admin@example.com', 'one sees oneself in the list', list)
  const { 'components.bundle.js': bundle, ...own } = scripts
  const statuses = Object.entries(own).map(([name, { status }]) => `${name} ${status}`)
  expect(
    statuses.length > 2 && statuses.every((one) => one.endsWith(' 200')),
    "AdminJS's own scripts are there",
    statuses,
  )
  expect(
    bundle?.status === 200 && bundle.code.includes('AdminjsSessionsSessionsList'),
    'the components are in the bundle',
    bundle?.code.slice(0, 500),
  )
}
