import { rename, rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Client } from 'basic-ftp'
import type { Browser, Page } from 'playwright-core'
import { until } from '../until.js'
import { closeDrawer, logOn, logOnAt, startBrowser, tick } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'
import { connectPress } from './press.js'

const missing = whatIsMissing()
if (missing !== null) console.warn(`The browser tests are skipped: ${missing}.`)

;(missing === null ? describe : describe.skip)('FTP sessions, seen by an admin', () => {
  let example: Example
  let browser: Browser
  let page: Page
  const clients: Client[] = []

  beforeAll(async () => {
    example = await startExample()
    browser = await startBrowser()
    page = await logOnAt('FtpSession', browser, example, 'admin@example.com')
  })

  afterEach(() => clients.splice(0).forEach((client) => client.close()))

  afterAll(async () => {
    await browser?.close()
    await example?.stop()
  })

  const connect = () => connectPress(example, clients)

  /** An upload that goes on until its connection is cut. */
  function uploadForEver(client: Client, name: string): Promise<'cut'> {
    const endless = new Readable({ read: () => void setTimeout(() => endless.push(Buffer.alloc(4096)), 200) })
    return client.uploadFrom(endless, name).then(
      () => Promise.reject(new Error('An upload without an end has ended')),
      () => 'cut' as const,
    )
  }

  const row = (login: string) => page.locator('tr[data-id]', { hasText: login })
  const cell = (login: string, property: string) => row(login).locator(`[data-property-name=${property}]`)
  const checkbox = (login: string) => page.getByLabel(`Select the session of ${login}`)
  const polled = () => page.waitForResponse((response) => response.url().includes('/FtpSession/actions/list'))

  async function polledTimes(times: number) {
    for (let i = 0; i < times; i++) await polled()
  }

  test('are all there at first sight, and moving', async () => {
    await row('shop').waitFor()
    await row('camera').waitFor()
    expect(await cell('shop', 'status').innerText()).toContain('Idle')
    expect(await cell('shop', 'login').innerText()).toContain('Domain user')
    expect(await cell('shop', 'domain').innerText()).toContain('shop.example.com')
    expect(await cell('camera', 'status').innerText()).toContain('Uploading')
    expect(await cell('camera', 'fileName').innerText()).toContain('entrance.mp4')

    const download = page.locator('tr[data-id]', { hasText: 'manual.pdf' })
    expect(await download.innerText()).toContain('Anonymous')
    await download.getByRole('progressbar').waitFor()

    const before = await cell('camera', 'progress').innerText()
    await until('the upload moves', async () => (await cell('camera', 'progress').innerText()) !== before)
  })

  test('appear when a client connects, and vanish when it leaves', async () => {
    expect(await row('press').count()).toBe(0)
    const client = await connect()
    await row('press').waitFor()
    client.close()
    await row('press').waitFor({ state: 'detached' })
  })

  test('ticked, they stay ticked over polls; removed, the client is cut and the removal is on record', async () => {
    const client = await connect()
    const cut = uploadForEver(client, 'catalogue.pdf')
    await row('press').waitFor()
    await tick(checkbox('press'))
    await polledTimes(2)
    expect(await checkbox('press').isChecked()).toBe(true)
    expect(await checkbox('shop').isChecked()).toBe(false)

    await page
      .getByRole('link', { name: 'Remove', exact: true })
      .or(page.getByRole('button', { name: 'Remove' }))
      .click()
    const drawer = page.locator('form', { has: page.getByRole('button', { name: 'End 1 session' }) })
    await drawer.waitFor()
    expect(await drawer.innerText()).toContain('press')
    expect(await drawer.innerText()).not.toContain('shop')
    await page.getByLabel(/^Reason/).fill('browser test')
    await page.getByRole('button', { name: 'End 1 session' }).click()
    expect(await cut).toBe('cut')
    await page.getByText('Ended: 1', { exact: true }).waitFor()
    await closeDrawer(page)
    await row('press').waitFor({ state: 'detached' })
    await row('shop').waitFor()

    const [removal] = await removals()
    expect(removal).toMatchObject({
      login: 'press',
      outcome: 'ended',
      reason: 'browser test',
      removedBy: 'admin@example.com',
      removedVia: 'admin',
      removedFromIp: '127.0.0.1',
    })
  })

  test('are not sent again while nothing has changed; their idle time runs on, and a change is seen', async () => {
    const client = await connect()
    const watching = await logOn(browser, example, 'reader@example.com')
    await watching.goto(`${example.url}/resources/FtpSession?filters.login=press`)
    const idle = watching.locator('tr[data-id]', { hasText: 'press' }).locator('[data-property-name=lastActiveAt]')
    await idle.waitFor()
    const unchanged = await watching.waitForResponse(
      async (response) =>
        response.url().includes('/FtpSession/actions/list') && (await response.text()).includes('"unchanged":true'),
    )
    expect((await unchanged.body()).length).toBeLessThan(100)
    const before = await idle.innerText()
    await until('the idle time runs', async () => (await idle.innerText()) !== before)
    expect(await watching.getByText(/not updated since/i).count()).toBe(0)
    client.close()
    await idle.waitFor({ state: 'detached' })
    await watching.context().close()
  })

  test('looked at, they are not ended; nor by a page of another site', async () => {
    const client = await connect()
    await row('press').waitFor()
    const url = `${example.url}/api/resources/FtpSession/bulk/remove?recordIds=${await row('press').getAttribute('data-id')}`
    const before = (await removals()).length

    const looked = await page.request.get(url)
    expect(looked.status()).toBe(200)

    const stranger = await page.context().newPage()
    await stranger.route('http://other.example/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${url}"><button>Win</button></form>`,
      }),
    )
    await stranger.goto('http://other.example/')
    await stranger.click('button')
    await stranger.waitForURL(`${example.url}/**`)
    await stranger.close()

    expect((await client.send('NOOP')).code).toBe(200)
    expect((await removals()).slice(before).filter(({ outcome }) => outcome !== 'refused')).toEqual([])
  })

  test('are cards on a phone, with all that there is to know', async () => {
    const phone = await logOnAt('FtpSession', browser, example, 'reader@example.com', {
      viewport: { width: 390, height: 844 },
    })
    const camera = phone.locator('li[data-id]', { hasText: 'camera' })
    await camera.waitFor()
    for (const field of ['login', 'status', 'fileName', 'progress', 'ip', 'lastActiveAt']) {
      const box = await camera.locator(`[data-property-name=${field}]`).boundingBox()
      expect(box!.x).toBeGreaterThanOrEqual(0)
      expect(box!.x + box!.width).toBeLessThanOrEqual(390)
    }
    // Nothing is wider than the page.
    expect(await phone.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    await phone.context().close()
  })

  test('stay on the page, marked as last seen, while the scoreboard is junk, and are live again after', async () => {
    const aside = `${example.scoreboard}.aside`
    await rename(example.scoreboard, aside)
    await writeFile(example.scoreboard, 'junk')
    await page.getByText(/^proftpd on .+ has not answered since/).waitFor()
    expect(await row('shop').count()).toBe(1)
    expect(await row('shop').getAttribute('title')).toContain('As last seen')

    await rm(example.scoreboard)
    await rename(aside, example.scoreboard)
    await page.getByText(/has not answered since/).waitFor({ state: 'detached' })
    expect(await row('shop').getAttribute('title')).toBeNull()
  })

  /** What the page of removals is made of, the latest first. */
  async function removals(): Promise<Record<string, unknown>[]> {
    const query = 'sortBy=requestedAt&direction=desc'
    const answer = await page.request.get(`${example.url}/api/resources/SessionRemoval/actions/list?${query}`)
    const { records } = (await answer.json()) as { records: { params: Record<string, unknown> }[] }
    return records.map(({ params }) => params)
  }
})
