import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { Readable } from 'node:stream'
import type { Client } from 'basic-ftp'
import type { Browser, Locator, Page } from 'playwright-core'
import { thorough } from '../thorough.js'
import { until } from '../until.js'
import { logOnAt, startBrowser, tick } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'
import { connectPress, showWithoutPress } from './press.js'

const missing = whatIsMissing()

/** What an admin has to do when something is wrong: it is a person, an address or a filter, hardly ever one row. */
;(missing === null ? describe : describe.skip)('an incident', () => {
  let example: Example
  let browser: Browser
  let page: Page
  const clients: Client[] = []
  let clicks = 0

  beforeAll(async () => {
    example = await startExample({ asItIs: thorough })
    browser = await startBrowser()
    page = await logOnAt('FtpSession', browser, example, 'admin@example.com')
  })
  afterAll(async () => {
    await browser?.close()
    await example?.stop()
  })
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close())
    await releaseAll()
    await until('press is let in again', async () => {
      const isIn = await connect().then(
        () => true,
        () => false,
      )
      clients.splice(0).forEach((client) => client.close())
      return isIn
    })
    await showWithoutPress(page, example)
    clicks = 0
  })

  async function click(target: Locator): Promise<void> {
    clicks++
    await target.click()
  }
  const connect = () => connectPress(example, clients)
  const isCut = (client: Client) => client.send('NOOP').then(() => false, () => true) // prettier-ignore
  const rows = (login: string) => page.locator('tr[data-id]', { hasText: login })
  const releaseAll = () =>
    page.evaluate(async (root) => {
      const list = await (await fetch(`${root}/api/resources/SessionHold/actions/list`)).json()
      for (const { id } of list.records as { id: number }[])
        await fetch(`${root}/api/resources/SessionHold/records/${id}/delete`, { method: 'POST' })
    }, example.url)

  test('everything that a person has open is ended, and he is kept out for an hour: three clicks', async () => {
    const his = [await connect(), await connect()]
    await rows('press').nth(1).waitFor()
    await click(rows('press').first().getByRole('link', { name: 'press', exact: true }))
    await page.getByText('2 sessions will be ended.').waitFor()
    await click(page.getByText('Keep the login out'))
    expect(await page.getByLabel('1 hour').isChecked()).toBe(true)
    await click(page.getByRole('button', { name: 'End 2 sessions' }))
    await page.getByText('Ended: 2 of 2.').waitFor()
    expect(clicks).toBeLessThanOrEqual(4)

    expect(await Promise.all(his.map(isCut))).toEqual([true, true])
    await expect(connect()).rejects.toThrow()
    // The page goes on: what was removed, and until when nobody gets in.
    await page
      .getByText(/^kept out until/)
      .first()
      .waitFor()
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/person.png`, fullPage: true })
  })

  test('one session is ended and its login kept out: two clicks; a third lets it in again', async () => {
    const client = await connect()
    await rows('press').waitFor()
    await click(rows('press').getByRole('link', { name: /and keep the login out/ }))
    expect(await page.getByRole('radio', { name: 'Keep the login out' }).isChecked()).toBe(true)
    await click(page.getByRole('button', { name: 'End 1 session' }))
    await page.getByText('Ended: 1', { exact: true }).waitFor()
    expect(clicks).toBe(2)
    expect(await isCut(client)).toBe(true)
    await expect(connect()).rejects.toThrow()

    await page.getByText(/^kept out until \d/).waitFor()
    await click(page.getByRole('button', { name: 'Release' }))
    await page.getByText(/^kept out until \d/).waitFor({ state: 'detached' })
    const again = await until('press gets in again', () => connect().catch(() => null))
    again.close()
  })

  test('whoever comes back is seen in the drawer, and kept out from there at a click', async () => {
    await connect()
    await rows('press').waitFor()
    await click(rows('press').getByRole('link', { name: 'Remove the session of press, 127.0.0.1 …' }))
    await click(page.getByRole('button', { name: 'End 1 session' }))
    await page.getByText('Ended: 1', { exact: true }).waitFor()
    const back = await connect()
    await page.getByText(/^came back at/).waitFor()
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/came-back.png` })
    await click(page.getByRole('button', { name: 'Keep out for an hour' }))
    expect(clicks).toBe(3)
    await until('the one who came back is cut', () => isCut(back))
    await until('nobody gets in by that login', () => connect().then(
      (client) => (client.close(), false),
      () => true,
    )) // prettier-ignore
  })

  test('by the keyboard: the focus stays in the drawer, and goes back to what it was opened by', async () => {
    await connect()
    await rows('press').waitFor()
    const opener = rows('press').getByRole('link', { name: 'Remove the session of press, 127.0.0.1 …' })
    await opener.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'End 1 session' }).waitFor()
    const inDrawer = () => page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)
    const seen = new Set<string>()
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press(i < 12 ? 'Tab' : 'Shift+Tab')
      expect(await inDrawer()).toBe(true)
      seen.add(await page.evaluate(() => document.activeElement?.textContent ?? ''))
    }
    expect([...seen].some((text) => text.includes('End 1 session'))).toBe(true)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await until('the focus is back', () => opener.evaluate((link) => link === document.activeElement))
  })

  const testThoroughly = thorough ? test : () => {}
  testThoroughly('the page of one session follows it, and says when it is no longer there', async () => {
    const client = await connect()
    await rows('press').waitFor()
    await rows('press').getByRole('link', { name: 'Show the session of press, 127.0.0.1' }).click()
    await page.getByRole('link', { name: 'Remove and keep out' }).waitFor()
    await client.send('CWD /')
    const status = page.locator('[data-property-name=status]')
    await status.getByText('Idle').waitFor()
    client.close()
    await page.getByText('It is no longer there: this is what it was.').waitFor()
    expect(await page.getByRole('link', { name: 'Remove and keep out' }).count()).toBe(0)
  })

  testThoroughly('columns are chosen, and last', async () => {
    await rows('camera').waitFor()
    await page.getByText('Columns', { exact: true }).click()
    await tick(page.getByRole('checkbox', { name: 'Protocol', exact: true }))
    await page.getByRole('checkbox', { name: 'Domain', exact: true }).press('Space')
    await page.reload()
    await rows('camera').waitFor()
    const heads = await page.locator('th').allInnerTexts()
    expect(heads).toContain('Protocol')
    expect(heads).not.toContain('Domain')
    await page.getByText('Columns', { exact: true }).click()
    await page.getByRole('button', { name: 'As they were' }).click()
    await page.getByRole('columnheader', { name: 'Domain' }).waitFor()
  })

  test('all that match a filter are ended, over all pages, after their number was typed: two clicks', async () => {
    const all: Client[] = []
    for (let i = 0; i < 25; i++) all.push(await connect())
    await page.getByRole('searchbox').fill('press')
    await page.getByRole('button', { name: 'Remove all 25 that match …' }).waitFor()
    // Rows and their number are read one after the other: one of them may be new in between.
    await until('a page of rows', async () => (await rows('press').count()) === 10)
    expect(await rows('camera').count()).toBe(0)
    await click(page.getByRole('button', { name: 'Remove all 25 that match …' }))
    const confirm = page.getByRole('button', { name: 'End 25 sessions' })
    await confirm.waitFor()
    expect(await confirm.isDisabled()).toBe(true)
    await page.getByLabel('To go on, type how many: 25').fill('25')
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/remove-all.png` })
    await click(confirm)
    await page.getByText('Ended: 25 of 25.').waitFor()
    expect(clicks).toBe(2)
    expect(new Set(await Promise.all(all.map(isCut)))).toEqual(new Set([true]))
    // The others were not asked for.
    await page.goto(`${example.url}/resources/FtpSession`)
    await rows('camera').waitFor()
  })

  test('a hostile file name is shown harmlessly', async () => {
    const endless = new Readable({ read: () => void setTimeout(() => endless.push(Buffer.alloc(4096)), 200) })
    const name = `<img src=x onerror="document.title='owned'">\u202Efdp.exe`
    void (await connect()).uploadFrom(endless, name).catch(() => endless.destroy())
    const shown = rows('press').locator('[data-property-name=fileName]')
    await shown.getByText('<img').waitFor()
    expect(await shown.innerText()).toContain('⟨U+202E⟩fdp.exe')
    expect(await shown.locator('img').count()).toBe(0)
    expect(await page.title()).not.toBe('owned')
  })

  test('no row moves under the pointer: who is new waits, and who has gone keeps the place', async () => {
    const first = await connect()
    await rows('press').waitFor()
    await rows('press').hover()
    const second = await connect()
    await page.getByRole('button', { name: '1 new: show' }).waitFor()
    expect(await rows('press').count()).toBe(1)
    first.close()
    await page.locator('tr[data-id][title="No longer on this page."]', { hasText: 'press' }).waitFor()
    await page.mouse.move(0, 0)
    await until('the page is as it is', async () => {
      const gone = await page.locator('tr[title="No longer on this page."]').count()
      return gone === 0 && (await rows('press').count()) === 1
    })
    second.close()
  })

  /** Holds up the answers to these questions until they are let go. */
  async function holdUp(which: (url: URL) => boolean): Promise<{ arrived: Promise<unknown>; letGo(): Promise<void> }> {
    let letGo: () => void
    const gate = new Promise<void>((resolve) => (letGo = resolve))
    await page.route(which, async (route) => {
      await gate
      await route.continue().catch(() => undefined)
    })
    const arrived = page.waitForRequest((request) => which(new URL(request.url())))
    return { arrived, letGo: async () => (letGo(), page.unroute(which)) }
  }
  const isList = ({ pathname }: URL) => pathname.endsWith('/FtpSession/actions/list')
  const searched = ({ searchParams }: URL) => searchParams.get('filters.search')

  test('of a filter nothing is said or offered before its answer is here', async () => {
    const removeAll = page.getByRole('button', { name: /^Remove all/ })
    const search = page.getByRole('searchbox')
    const first = await holdUp((url) => isList(url) && searched(url) === 'nobody')
    await search.fill('nobody')
    await first.arrived
    await page.locator('tr[data-id]').first().waitFor()
    expect(await removeAll.count()).toBe(0)
    await first.letGo()
    await page.getByText('No session matches the filter.').waitFor()
    const second = await holdUp((url) => isList(url) && searched(url) === null)
    await search.fill('')
    await second.arrived
    await page.getByText('No session matches the filter.').waitFor({ state: 'detached' })
    expect(await page.getByText('Nobody is connected by FTP.').count()).toBe(0)
    await second.letGo()
    await rows('camera').waitFor()
  })

  test('of one person nothing is shown as another one’s, not even before that answer is here', async () => {
    await connect()
    await rows('press').waitFor()
    await rows('press').getByRole('link', { name: 'press', exact: true }).click()
    await page.getByText('1 session will be ended.').waitFor()
    await rows('press').waitFor()
    await page.goBack()
    const held = await holdUp((url) => isList(url) && url.searchParams.get('filters.person') === '=camera')
    await rows('camera').first().getByRole('link', { name: 'camera', exact: true }).click()
    await held.arrived
    expect(await rows('press').count()).toBe(0)
    await held.letGo()
    await rows('camera').first().waitFor()
  })

  test('a back office that does not answer: its rows are dimmed and nothing can be removed, until it is back', async () => {
    const list = '**/api/resources/FtpSession/actions/list**'
    await rows('camera').waitFor()
    await page.getByLabel(/^Select the session of camera/).press('Space')
    const remove = page.getByRole('button', { name: 'Remove', exact: true })
    await remove.waitFor()
    await page.route(list, (route) => route.abort())
    await page.getByText(/^The back office has not answered since/).waitFor()
    expect(await remove.isDisabled()).toBe(true)
    expect(await rows('camera').count()).toBe(1)
    await page.unroute(list)
    await page.getByText(/^The back office has not answered since/).waitFor({ state: 'detached' })
    expect(await remove.isDisabled()).toBe(false)
  })
})
