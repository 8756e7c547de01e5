import { readFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from 'basic-ftp'
import type { Browser, Locator, Page } from 'playwright-core'
import { until } from '../until.js'
import { logOnAt, startBrowser } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'
import { connectPress, showWithoutPress } from './press.js'

const missing = whatIsMissing()

/** So many times Tab is pressed at most: more than a page has controls. */
const mostTabs = 200

;(missing === null ? describe : describe.skip)('by the keyboard alone', () => {
  let example: Example
  let browser: Browser
  let page: Page
  const clients: Client[] = []

  beforeAll(async () => {
    example = await startExample()
    browser = await startBrowser()
    page = await logOnAt('FtpSession', browser, example, 'admin@example.com', { acceptDownloads: true })
    // What fades in is another colour at each look.
    await page.emulateMedia({ reducedMotion: 'reduce' })
  })
  afterAll(async () => {
    await browser?.close()
    await example?.stop()
  })
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close())
    await showWithoutPress(page, example)
  })

  const connect = () => connectPress(example, clients)
  const isCut = (client: Client) => client.send('NOOP').then(() => false, () => true) // prettier-ignore
  const rows = (login: string) => page.locator('tr[data-id]', { hasText: login })
  const press = (key: string) => page.keyboard.press(key)
  const dialog = () => page.getByRole('dialog')
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const hasFocus = (target: Locator) => target.evaluate((element) => element === document.activeElement)

  /** What one sees of what has the focus, or of what AdminJS draws in its place. */
  const look = (target: Locator) =>
    target.evaluate((element) => {
      const drawn = element.matches('[type=checkbox]') ? element.nextElementSibling! : element
      const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(drawn)
      const outline = outlineStyle === 'none' || outlineWidth === '0px' ? 'none' : outlineStyle
      return JSON.stringify({ outline, boxShadow, borderColor })
    })

  /** What AdminJS has above a page of ours: it has no mark of the focus. */
  const headerButton = (name: string) =>
    page.locator('.adminjs_ActionHeader a', { has: page.getByText(name, { exact: true }) })

  /** Goes there as only the keyboard can, and sees that it has arrived. */
  async function tabTo(target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab', isOurs = true): Promise<void> {
    await target.waitFor({ state: 'attached' })
    const without = await look(target)
    for (let pressed = 0; !(await hasFocus(target)); pressed++) {
      if (pressed > mostTabs) throw new Error(`No ${key} leads to ${String(target)}`)
      await press(key)
    }
    if (isOurs)
      await until(`one sees that the focus is on ${String(target)}`, async () => (await look(target)) !== without)
  }
  const inDialog = () => page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)
  /** Nothing that has the focus is taken away without it. */
  const isSomewhere = () => page.evaluate(() => document.activeElement !== document.body)
  const isInList = () => page.evaluate(() => document.activeElement?.closest('main') !== null)

  test('a search is typed and a chip is set', async () => {
    await connect()
    await rows('press').waitFor()
    await tabTo(page.getByRole('searchbox'))
    await page.keyboard.type('press')
    await rows('camera').waitFor({ state: 'detached' })
    expect(await hasFocus(page.getByRole('searchbox'))).toBe(true)
    const chip = button('Uploading')
    await tabTo(chip)
    await press('Space')
    await page.getByText('No session matches the filter.').waitFor()
    expect(await hasFocus(chip)).toBe(true)
    await press('Enter')
    await rows('press').waitFor()
    expect(await chip.getAttribute('aria-pressed')).toBe('false')
  })

  test('a row is ticked, Remove opened, everything chosen, confirmed, and the login let in again', async () => {
    const client = await connect()
    await rows('press').waitFor()
    await tabTo(page.getByRole('checkbox', { name: 'Select the session of press, 127.0.0.1' }))
    await press('Space')
    await tabTo(button('Remove'), 'Shift+Tab')
    await press('Enter')
    await tabTo(page.getByRole('radio', { name: 'Nobody is kept out' }))
    await press('ArrowRight')
    await tabTo(page.getByRole('radio', { name: '1 hour' }))
    await press('ArrowRight')
    expect(await page.getByRole('radio', { name: '1 day' }).isChecked()).toBe(true)
    await tabTo(page.getByLabel('Reason (optional, kept with the removal)'))
    await page.keyboard.type('by the keyboard')
    await tabTo(button('End 1 session'))
    await press('Enter')
    await page.getByText('Ended: 1', { exact: true }).waitFor()
    expect(await isCut(client)).toBe(true)
    expect(await inDialog()).toBe(true)

    await tabTo(button('Release'))
    await press('Space')
    await page.getByText(/^kept out until \d/).waitFor({ state: 'detached' })
    expect(await inDialog()).toBe(true)
    await press('Escape')
    await dialog().waitFor({ state: 'detached' })
    // What it was opened by is no longer there, for nothing is ticked.
    await until('the focus is in the list', isInList)
    await until('press gets in again', () => connect().catch(() => null))
  })

  test('all that match a filter are ended, their number typed; whoever thinks better of it is back where he was', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, connect))
    await tabTo(page.getByRole('searchbox'))
    await page.keyboard.type('press')
    const opener = button('Remove all 20 that match …')
    await tabTo(opener)
    await press('Enter')
    await dialog().waitFor()
    await press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await until('the focus is back', () => hasFocus(opener))
    await press('Enter')
    await tabTo(page.getByLabel('To go on, type how many: 20'))
    await page.keyboard.type('20')
    await tabTo(button('End 20 sessions'))
    await press('Enter')
    await page.getByText('Ended: 20 of 20.').waitFor()
    expect(new Set(await Promise.all(all.map(isCut)))).toEqual(new Set([true]))
    expect(await inDialog()).toBe(true)
    await press('Escape')
    await dialog().waitFor({ state: 'detached' })
    // Nothing matches any more.
    await until('the focus is in the list', isInList)
  })

  test('a person’s page is reached from a login, and everything ended there', async () => {
    const his = [await connect(), await connect()]
    await rows('press').nth(1).waitFor()
    await tabTo(rows('press').first().getByRole('link', { name: 'press', exact: true }))
    await press('Enter')
    const confirm = button('End 2 sessions')
    await tabTo(confirm)
    await press('Enter')
    await page.getByText('Ended: 2 of 2.').waitFor()
    expect(await Promise.all(his.map(isCut))).toEqual([true, true])
    expect(await isSomewhere()).toBe(true)
    await tabTo(button('Look again'))
    await press('Enter')
    await page.getByText('There is no session here that you may end.').waitFor()
    expect(await isSomewhere()).toBe(true)
  })

  test('whom nothing is open of is kept out, and the focus goes back', async () => {
    await page.goto(`${example.url}/resources/SessionHold`)
    await tabTo(headerButton('Keep somebody out'), 'Tab', false)
    await press('Enter')
    await tabTo(page.getByRole('radio', { name: 'Login', exact: true }))
    await tabTo(page.getByRole('textbox', { name: 'Login' }))
    await page.keyboard.type('nobody')
    await tabTo(page.getByRole('radio', { name: '1 hour' }))
    await press('ArrowLeft')
    await tabTo(dialog().getByRole('button', { name: 'Keep out' }))
    await press('Enter')
    await dialog().getByText('Kept out', { exact: true }).first().waitFor()
    expect(await inDialog()).toBe(true)
    await press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await until('the focus is back', () => hasFocus(headerButton('Keep somebody out')))
    // And is let in again, from the page of its record.
    const record = page.getByRole('link', { name: /nobody/ }).first()
    await tabTo(record)
    await press('Enter')
    await page.locator('[data-property-name=value]').waitFor()
  })

  test('columns are chosen, and the menu is left again', async () => {
    await rows('camera').waitFor()
    const menu = page.locator('summary', { hasText: 'Columns' })
    await tabTo(menu)
    await press('Enter')
    await tabTo(page.getByRole('checkbox', { name: 'Protocol', exact: true }))
    await press('Space')
    await page.getByRole('columnheader', { name: 'Protocol' }).waitFor()
    await tabTo(button('As they were'))
    await press('Enter')
    await page.getByRole('columnheader', { name: 'Protocol' }).waitFor({ state: 'detached' })
    expect(await isSomewhere()).toBe(true)
    await press('Escape')
    await until('the focus is back', () => hasFocus(menu))
  })

  test('the history is saved as CSV, and the focus goes back', async () => {
    await page.goto(`${example.url}/resources/SessionHistory?filters.login=press`)
    await page.locator('[data-id]').first().waitFor()
    await tabTo(headerButton('Download as CSV'), 'Tab', false)
    const begun = page.waitForEvent('download')
    await press('Enter')
    const byItself = await begun
    expect(readFileSync(await byItself.path(), 'utf8')).toContain('"press"')
    const again = page.waitForEvent('download')
    await tabTo(dialog().getByRole('link', { name: 'Save the file' }))
    await press('Enter')
    await again
    await press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await until('the focus is back', () => hasFocus(headerButton('Download as CSV')))
  })
})
