// Installs the packed package into a fresh app as a stranger would, and opens its pages: node scripts/try-packed.mjs
// Takes some minutes (AdminJS is big, sqlite3 may have to be compiled), so it is no part of the tests.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const app = mkdtempSync(join(tmpdir(), 'adminjs-sessions-fresh-'))
const tarball = `${name}-${version}.tgz`

function expect(holds, what, found) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${what}`)
  if (holds) return
  console.error(found)
  process.exitCode = 1
}

execFileSync('npm', ['pack', '--silent', '--pack-destination', app], { cwd: root, stdio: 'inherit' })
writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }))

// What the README tells a new back office to install.
const packages = [
  'adminjs',
  '@adminjs/express',
  '@adminjs/typeorm',
  'express',
  'express-session',
  'typeorm@0.3',
  'sqlite3',
]
const install = spawnSync('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`, ...packages], {
  cwd: app,
  encoding: 'utf8',
})
expect(install.status === 0, 'npm install, without flags', install.stderr)
expect(!/ERESOLVE|peer/i.test(install.stderr), 'no word about peers', install.stderr)
const { dependencies } = JSON.parse(
  execFileSync('npm', ['ls', 'typeorm', '--all', '--json'], { cwd: app, encoding: 'utf8' }),
)
const versions = new Set(JSON.stringify(dependencies).match(/"typeorm":\{"version":"[^"]+"/g))
expect(versions.size === 1, 'one typeorm', [...versions])

copyFileSync(fileURLToPath(new URL('./try-packed/app.mjs', import.meta.url)), join(app, 'app.mjs'))
const server = spawn(process.execPath, ['app.mjs'], { cwd: app, stdio: ['ignore', 'pipe', 'inherit'] })
const [said] = await once(server.stdout.setEncoding('utf8'), 'data')
const url = said.trim()
const logon = await fetch(`${url}/login`, {
  method: 'POST',
  body: new URLSearchParams({ email: 'admin@example.com', password: 'secret' }),
  redirect: 'manual',
})
const cookie = logon.headers.getSetCookie()[0]?.split(';')[0] ?? ''
const list = await fetch(`${url}/api/resources/PanelSession/actions/refresh`, { method: 'POST', headers: { cookie } })
  .then(() => fetch(`${url}/api/resources/PanelSession/actions/list`, { headers: { cookie } }))
  .then((answer) => answer.json())
expect(list.records?.[0]?.params.login === 'admin@example.com', 'one sees oneself in the list', list)
const bundle = await fetch(`${url}/frontend/assets/components.bundle.js`, { headers: { cookie } })
const code = await bundle.text()
expect(
  bundle.ok && code.includes('AdminjsSessionsSessionsList'),
  'the components are in the bundle',
  code.slice(0, 500),
)

server.kill()
await once(server, 'exit')
rmSync(app, { recursive: true, force: true })
