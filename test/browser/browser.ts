import { expect } from '@jest/globals'
import {
  chromium,
  request,
  type APIRequestContext,
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core'
import { hangs, until } from '../until.js'
import { pathOf, type Example } from './example.js'

/**
 * Debian's Chromium without the interface of its windows. It finds nothing beyond this machine, and its pages are in its
 * cache: where requests are intercepted there is none, and a page takes nearly twice as much of a processor.
 *
 * @param names more names of this machine
 */
export function startBrowser(...names: string[]): Promise<Browser> {
  const here = [...names, 'localhost'].map((name) => `MAP ${name} 127.0.0.1`)
  const rules = [...here, 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1']
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run']
  return chromium.launch({
    executablePath: pathOf('chromium-headless-shell')!,
    args: ['--no-sandbox', '--disable-gpu', ...quiet, `--host-resolver-rules=${rules.join()}`],
  })
}

/**
 * A browser of one person: its own cookies. He is logged on, from a picture of AdminJS's: its pages,
 * the login page as well, take seconds of a processor each.
 */
export async function logOn(
  browser: Browser,
  example: Pick<Example, 'url' | 'passwordOf'>,
  email: string,
  options: BrowserContextOptions = {},
  login = 'login',
): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  page.setDefaultTimeout(hangs)
  await page.goto(`${example.url}/frontend/assets/logo.svg`)
  const form = { url: `${example.url}/${login}`, email, password: example.passwordOf(email) }
  const landed = await page.evaluate(async ({ url, ...fields }) => {
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
    await answer.text()
    return answer.url
  }, form)
  expect(landed).toMatch(/\/resources\/FtpSession$/)
  return page
}

/** Somebody who is logged on, and of whom nobody sees a page. */
export async function logOnUnseen(
  example: Pick<Example, 'url' | 'passwordOf'>,
  email: string,
  userAgent?: string,
): Promise<APIRequestContext> {
  const person = await request.newContext({ userAgent, timeout: hangs })
  const form = { email, password: example.passwordOf(email) }
  const answer = await person.post(`${example.url}/login`, { form, maxRedirects: 0 })
  expect(answer.status()).toBe(302)
  return person
}

/** The same as `logOn`, with the page of a resource open. */
export async function logOnAt(resource: string, ...who: Parameters<typeof logOn>): Promise<Page> {
  const page = await logOn(...who)
  await page.goto(`${who[1].url}/resources/${resource}`)
  return page
}

/** Ticks a checkbox by the keyboard: AdminJS's design system draws a link over it, which is what a mouse would meet. */
export async function tick(checkbox: Locator): Promise<void> {
  await checkbox.press('Space')
  await until('the checkbox is ticked', () => checkbox.isChecked())
}

/** Takes pointer and focus out of the table, in which no row moves while one of them is there. */
async function lookAway(page: Page): Promise<void> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.mouse.move(0, 0)
}

/** Closes the drawer of a bulk action, and waits until nothing lies over the page any more. */
export async function closeDrawer(page: Page): Promise<void> {
  await page.getByText('Close', { exact: true }).click()
  await page.locator('#drawerPortalWrapper section').waitFor({ state: 'detached' })
  await lookAway(page)
}
