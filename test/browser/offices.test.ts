import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { twin } from '../servers/log-of-twins.mjs'
import { nginxMissing, startNginx } from '../servers/nginx.js'
import { freePort, type RunningServer } from '../servers/server.js'
import { everyText } from '../translations/every-text.js'
import { closeDrawer, logOnAt, startBrowser, tick } from './browser.js'
import { until } from '../until.js'
import { withComponents } from './components.js'
import { pathOf } from './example.js'

const names = [
  'plain',
  'atTheRoot',
  'twoParts',
  'belowPrefix',
  'hidden',
  'told',
  'polish',
  'german',
  'russian',
] as const
type Name = (typeof names)[number]

const missing = nginxMissing ?? (pathOf('chromium-headless-shell') ? null : 'no chromium-headless-shell')
;(missing ? describe.skip : describe)('back offices as they are set up', () => {
  let child: ChildProcess
  let directory: string
  let nginx: RunningServer
  let browser: Browser
  let app: Record<Name, number>
  const port = {} as Record<Name, number>

  beforeAll(async () => {
    await import('../fresh-dist.mjs')
    directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-offices-'))
    for (const name of names) port[name] = await freePort()
    const origins = JSON.stringify([`http://panel.lan:${port.told}`])
    child = fork(fileURLToPath(new URL('offices.child.mjs', import.meta.url)), [origins, join(directory, 'ftp.log')], {
      ...(await withComponents(directory)),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    ;[app] = (await once(child, 'message')) as [Record<Name, number>]
    const passedOn = 'proxy_set_header Host $host;'
    nginx = await startNginx(`
      server {
        listen 127.0.0.1:${port.plain};
        location / { proxy_pass http://127.0.0.1:${app.plain}; ${passedOn} }
      }
      server {
        listen 127.0.0.1:${port.atTheRoot} ssl;
        ssl_certificate @dir@/cert.pem;
        ssl_certificate_key @dir@/key.pem;
        location / { proxy_pass http://127.0.0.1:${app.atTheRoot}; ${passedOn} proxy_set_header X-Forwarded-Proto https; }
      }
      server {
        listen 127.0.0.1:${port.twoParts};
        location / { proxy_pass http://127.0.0.1:${app.twoParts}; ${passedOn} }
      }
      server {
        listen 127.0.0.1:${port.belowPrefix};
        location /hosting/ { proxy_pass http://127.0.0.1:${app.belowPrefix}/; ${passedOn} }
      }
      server {
        listen 127.0.0.1:${port.hidden};
        location / { proxy_pass http://127.0.0.1:${app.hidden}; }
      }
      server {
        listen 127.0.0.1:${port.told};
        location / { proxy_pass http://127.0.0.1:${app.told}; }
      }`)
    browser = await startBrowser('panel.lan')
  })

  afterAll(async () => {
    await browser?.close()
    await nginx?.stop()
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await rm(directory, { recursive: true, force: true })
  })

  const open = (name: Name, root: string, login = 'login', scheme = 'http'): Promise<Page> =>
    logOnAt(
      'FtpSession',
      browser,
      { url: `${scheme}://panel.lan:${port[name]}${root}`, passwordOf: () => 'any' },
      'admin@example.com',
      { ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } },
      login,
    )

  async function remove(page: Page, login: string): Promise<void> {
    await tick(page.getByLabel(`Select the session of ${login}`))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'End 1 session' }).click()
  }

  async function removes(page: Page, login: string): Promise<void> {
    await remove(page, login)
    await page.getByText('Ended: 1', { exact: true }).waitFor()
    await closeDrawer(page)
    await page.locator('tr[data-id]', { hasText: login }).waitFor({ state: 'detached' })
  }

  test('behind nginx: plain http on a port of its own, with `Host $host`: Remove and Release', async () => {
    const page = await open('plain', '/admin')
    expect(await page.evaluate(() => isSecureContext)).toBe(false)
    await tick(page.getByLabel('Select the session of ann'))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('radio', { name: 'Keep the login out' }).check()
    await page.getByRole('button', { name: 'End 1 session' }).click()
    await page.getByText('Ended: 1', { exact: true }).waitFor()
    const released = await page.evaluate(async () => {
      const list = await (await fetch('/admin/api/resources/SessionHold/actions/list')).json()
      const url = `/admin/api/resources/SessionHold/records/${list.records[0].id}/delete`
      return (await (await fetch(url, { method: 'POST' })).json()) as { notice: { message: string } }
    })
    expect(released.notice.message).toBe('holdReleased')
    await page.context().close()
  })

  test('behind nginx: https, with the back office at the root of its host', async () => {
    const page = await open('atTheRoot', '', 'login', 'https')
    await removes(page, 'ann')
    await page.context().close()
  })

  test('behind nginx: a root path of two parts and a login path of its own', async () => {
    const page = await open('twoParts', '/office/panel', 'sign-in')
    await removes(page, 'ann')
    // Whoever is logged out is sent to the login page where it really is.
    await page.context().clearCookies()
    await page.getByText('Your own session has ended').waitFor()
    await page.getByRole('link', { name: 'Log in' }).click()
    await page.waitForURL('**/office/panel/sign-in')
    await page.fill('input[name=email]', 'admin@example.com')
    await page.fill('input[name=password]', 'any')
    await page.press('input[name=password]', 'Enter')
    await page.waitForURL('**/office/panel/resources/FtpSession')
    await page.context().close()
  })

  test('behind nginx: below a path that nginx takes away', async () => {
    const page = await open('belowPrefix', '/hosting/admin')
    await removes(page, 'ann')
    await page.context().close()
  })

  test('behind nginx: a proxy that hides its name: the refusal says what to set, and set it works', async () => {
    const refused = await open('hidden', '/admin')
    await remove(refused, 'ann')
    await refused.getByText(`another origin (http://panel.lan:${port.hidden})`).waitFor()
    await refused.getByText('set the option origins of createSessions').waitFor()
    expect(await refused.locator('tr[data-id]', { hasText: 'ann' }).count()).toBe(1)
    await refused.context().close()

    const page = await open('told', '/admin')
    await removes(page, 'ann')
    await page.context().close()
  })

  test('in Polish: its own plurals, and nothing in English and no key on any page', async () => {
    const url = `http://127.0.0.1:${app.polish}/admin`
    const page = await logOnAt('FtpSession', browser, { url, passwordOf: () => 'any' }, 'admin@example.com')
    const inEnglish = async () => (await page.locator('body').innerText()).split('\n').filter(isEnglish)
    for (const login of ['ann', 'bob']) await tick(page.getByLabel(`Wybierz sesję: ${login}`))
    expect(await inEnglish()).toEqual([])
    await page.getByRole('button', { name: 'Usuń', exact: true }).click()
    await page.getByText('Te 2 sesje zostaną zakończone:').waitFor()
    expect(await inEnglish()).toEqual([])
    await page.getByRole('button', { name: 'Zakończ 2 sesje' }).click()
    await page.getByText('Zakończono: 2', { exact: true }).waitFor()
    expect(await inEnglish()).toEqual([])
    for (const [id, title] of [
      ['SessionRemoval', 'Usunięte sesje'],
      ['SessionRemoval/records/1/show', 'Sesja w tamtej chwili'],
      ['SessionHistory', 'Zakończone sesje'],
      ['SessionSourceStatus', 'Źródła sesji'],
      ['SessionHold', 'Zablokowani'],
      ['PanelSession', 'Aktywne sesje panelu'],
    ] as const) {
      await page.goto(`${url}/resources/${id}`)
      await page.locator('main, section').getByText(title).first().waitFor()
      expect([id, ...(await inEnglish())]).toEqual([id])
    }
    await page.context().close()
  })

  test('in German: why a source refuses, with what it fills in as text and nothing else', async () => {
    const url = `http://127.0.0.1:${app.german}/admin`
    const page = await logOnAt('FtpSession', browser, { url, passwordOf: () => 'any' }, 'admin@example.com')
    await tick(page.getByLabel('Alle Sitzungen dieser Seite auswählen'))
    await page.getByRole('button', { name: 'Entfernen', exact: true }).click()
    await page.getByRole('button', { name: '4 Sitzungen beenden' }).click()
    const why = (login: string) =>
      `${login} hat mehrere Sitzungen (192.0.2.1), und das Protokoll hält sie nicht auseinander: keine wird beendet, es könnte die falsche sein.`
    const refused = async () => {
      for (const login of ['Jemand', twin.replace('\u202e', '⟨U+202E⟩')])
        await until(`why not ${login}`, async () => (await page.getByText(why(login), { exact: true }).count()) >= 2)
    }
    await refused()
    await page.goto(`${url}/resources/SessionRemoval`)
    await refused()
    // Said by another version, on another machine: in English, and by no key.
    await page.route('**/api/resources/SessionRemoval/actions/list**', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replaceAll('logTwins', 'ofALaterVersion') })
    })
    await page.reload()
    await page.getByText(/^Somebody has several sessions from 192\.0\.2\.1/).first().waitFor() // prettier-ignore
    expect(await page.locator('body').innerText()).not.toMatch(/ofALaterVersion|Jemand/)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.context().close()
  })

  test('a language that the package does not have: English, also for a plural that English lacks', async () => {
    const url = `http://127.0.0.1:${app.russian}/admin`
    const page = await logOnAt('FtpSession', browser, { url, passwordOf: () => 'any' }, 'admin@example.com')
    for (const login of ['ann', 'bob']) await tick(page.getByLabel(`Select the session of ${login}`))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByText('These 2 sessions will be ended:').waitFor()
    const drawer = page.locator('#drawerPortalWrapper')
    expect(await drawer.innerText()).not.toMatch(/willEnd|mayReturn|keepOut|confirmEnd|whenIdle/)
    await page.getByRole('button', { name: 'End 2 sessions' }).click()
    await page.getByText('Ended: 2', { exact: true }).waitFor()
    await page.goto(`${url}/resources/SessionRemoval`)
    await page.getByRole('columnheader', { name: 'Outcome' }).waitFor()
    await page.context().close()
  })
})

/** A line that a text of this package makes in English and none makes in Polish, or that is a key. */
function isEnglish(line: string): boolean {
  const says = (language: string) =>
    [...everyText(language).values()].some((text) =>
      new RegExp(`^${text.replace(/[.*+?()|[\]\\]/g, '\\$&').replace(/\{\{\w+\}\}/g, '.+')}$`).test(line),
    )
  return /^[a-z]+[A-Z]\w*$/.test(line) || (says('en') && !says('pl'))
}
