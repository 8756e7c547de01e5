// Takes docs/pictures of the running example, each page in light and dark, 1440 and 390 px wide, and a short film of a
// removal: node scripts/pictures.mjs. It takes some two minutes, and needs cwebp and img2webp (Debian: webp).
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client } from 'basic-ftp'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('..', import.meta.url))
const pictures = join(root, 'docs/pictures')
const data = mkdtempSync(join(tmpdir(), 'adminjs-sessions-pictures-'))

for (const program of ['cwebp', 'img2webp']) {
  if (spawnSync(program, ['-version']).error) {
    console.error(`Expected ${program}, found none. On Debian: apt-get install webp`)
    process.exit(1)
  }
}

const example = spawn(process.execPath, ['examples/back-office/start.mjs'], {
  cwd: root,
  env: { ...process.env, PORT: '0', HOST: '127.0.0.1', EXAMPLE_DATA: data, NODE_ENV: 'production' },
  stdio: ['ignore', 'pipe', 'inherit'],
})
let said = ''
for await (const text of example.stdout.setEncoding('utf8')) {
  said += text
  if (said.includes('Ctrl-C ends it all.')) break
}
const find = (pattern) => pattern.exec(said)[1]
const url = find(/back office is at (\S+)/)
const passwordOf = (login) => find(new RegExp(`^ {2}${login} +(\\S+)`, 'm'))

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium-headless-shell',
  args: ['--no-sandbox', '--disable-gpu'],
})

try {
  mkdirSync(pictures, { recursive: true })
  const light = await logOn('admin@example.com')
  const dark = await logOn('night@example.com')
  await film(light)
  // Points of the traffic, and something moved.
  await delay(60_000)
  await connect()
  const press = await idOf(light, 'press')
  const camera = await idOf(light, 'camera')
  await light.evaluate(
    (api) =>
      fetch(`${api}/resources/SessionHold/actions/keepOut`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ by: 'login', value: 'mallory', minutes: 60, reason: 'Sends spam' }),
      }),
    `${url}/api`,
  )
  /** Each page, by the name of its picture, with what to wait for. */
  const pages = {
    dashboard: ['', 'text=Sessions now'],
    'panel-sessions': ['/resources/PanelSession', '[data-id]'],
    'ftp-sessions': ['/resources/FtpSession', '[data-id]'],
    session: [`/resources/FtpSession/records/${camera}/show`, 'text=Remove and keep out'],
    person: ['/resources/FtpSession/actions/everything?person=press', 'text=End 1 session'],
    remove: [`/resources/FtpSession/bulk/remove?recordIds=${press}&keepOut=login`, 'text=For'],
    'remove-all': ['/resources/FtpSession/actions/removeAll?filters.status=uploading', '[role=dialog] form'],
    'removed-sessions': ['/resources/SessionRemoval', '[data-id]'],
    'ended-sessions': ['/resources/SessionHistory', '[data-id]'],
    'kept-out': ['/resources/SessionHold', '[data-id]'],
    'session-sources': ['/resources/SessionSourceStatus', '[data-id]'],
  }
  for (const [theme, page] of Object.entries({ light, dark })) {
    for (const [width, height] of [
      [1440, 820],
      [390, 844],
    ]) {
      await page.setViewportSize({ width, height })
      for (const [name, [path, awaited]] of Object.entries(pages)) {
        await page.goto(`${url}${path}`)
        await page.locator(awaited).first().waitFor()
        await page.waitForTimeout(800)
        await take(page, join(pictures, `${name}-${theme}-${width}.webp`))
      }
    }
  }
} finally {
  await browser.close()
  example.kill()
  await new Promise((resolve) => example.once('exit', resolve))
  rmSync(data, { recursive: true, force: true })
}

async function logOn(email) {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 820 }, locale: 'en-GB' })).newPage()
  await page.route(
    ({ hostname }) => hostname !== '127.0.0.1',
    (route) => route.abort(),
  )
  await page.goto(`${url}/login`)
  await page.fill('input[name=email]', email)
  await page.fill('input[name=password]', passwordOf(email))
  await page.press('input[name=password]', 'Enter')
  await page.locator('[data-id]').first().waitFor()
  return page
}

/** A client of the real FTP server, whose words go into the film. */
async function connect(tell) {
  const client = new Client(0)
  client.ftp.log = (line) => tell?.(line)
  client.ftp.verbose = tell !== undefined
  await client.access({
    ...{ host: '127.0.0.1', port: Number(find(/ftp:\/\/127\.0\.0\.1:(\d+)/)) },
    ...{ user: 'press', password: passwordOf('press') },
  })
  return client
}

async function idOf(page, login) {
  await page.goto(`${url}/resources/FtpSession`)
  const row = page.locator('[data-id]', { hasText: login })
  await row.waitFor()
  return row.getAttribute('data-id')
}

/** Tick, Confirm, and what the client is told: the page above, the client's own words below. */
async function film(page) {
  const frames = []
  const lines = []
  const client = await connect((line) => lines.push(line.replace(/PASS .*/, 'PASS …')))
  await page.setViewportSize({ width: 1200, height: 760 })
  await page.goto(`${url}/resources/FtpSession`)
  const frame = async (ms) => {
    await page.evaluate((text) => {
      let shown = document.getElementById('client')
      if (!shown) {
        shown = document.body.appendChild(document.createElement('pre'))
        shown.id = 'client'
        shown.style.cssText =
          'position:fixed;left:0;width:690px;bottom:0;height:150px;pointer-events:none;margin:0;padding:12px 20px;z-index:99999;overflow:hidden;' +
          'background:#101216;color:#d5d8de;font:13px/20px monospace;border-top:2px solid #59606d;box-sizing:border-box'
      }
      shown.textContent = text
    }, lines.slice(-6).join('\n'))
    const path = join(data, `frame-${frames.length}.png`)
    await page.screenshot({ path })
    frames.push('-d', String(ms), path)
  }
  await page.locator('[data-id]', { hasText: 'press' }).waitFor()
  await frame(1500)
  await page.getByLabel('Select the session of press').press('Space')
  await frame(1200)
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await page.getByRole('button', { name: 'End 1 session' }).waitFor()
  await frame(1500)
  await page.getByRole('button', { name: 'End 1 session' }).click()
  await page.getByText('Ended: 1', { exact: true }).waitFor()
  while (!client.closed) await delay(50)
  lines.push('*** the server has closed the connection')
  await frame(3500)
  run('img2webp', ['-loop', '0', '-lossy', '-q', '70', ...frames, '-o', join(pictures, 'removal.webp')])
  client.close()
}

async function take(page, path) {
  const png = join(data, 'picture.png')
  await page.screenshot({ path: png })
  run('cwebp', ['-quiet', '-q', '82', png, '-o', path])
}

function run(program, args) {
  const { status, stderr } = spawnSync(program, args)
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`)
}
