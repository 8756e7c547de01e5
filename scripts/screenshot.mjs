// Takes docs/screenshot.png of the running example, for the README: node scripts/screenshot.mjs
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'adminjs-sessions-screenshot-'))
const example = spawn(process.execPath, ['examples/back-office/start.mjs'], {
  cwd: root,
  env: { ...process.env, PORT: '0', HOST: '127.0.0.1', EXAMPLE_DATA: data },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let said = ''
for await (const text of example.stdout.setEncoding('utf8')) {
  said += text
  if (said.includes('Ctrl-C ends it all.')) break
}
const [, url] = /back office is at (\S+)/.exec(said)
const [, password] = /admin@example\.com +(\S+)/.exec(said)

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage({ viewport: { width: 1600, height: 620 } })
await page.route(
  ({ hostname }) => hostname !== '127.0.0.1',
  (route) => route.abort(),
)
await page.goto(`${url}/login`)
await page.fill('input[name=email]', 'admin@example.com')
await page.fill('input[name=password]', password)
await page.press('input[name=password]', 'Enter')
await page.locator('tr[data-id]', { hasText: 'camera' }).waitFor()
await page.getByText('Sessions', { exact: true }).click()
await page.getByLabel('Select the session of camera').press('Space')
// Time to move something, so that the bars have a length.
await delay(45_000)
await page.screenshot({ path: join(root, 'docs/screenshot.png') })

await browser.close()
example.kill()
await new Promise((resolve) => example.once('exit', resolve))
rmSync(data, { recursive: true, force: true })
