import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from 'basic-ftp'
import type { Browser, Page } from 'playwright-core'
import { openDatabase, type Database } from '../../src/database/open-database.js'
import { until } from '../until.js'
import { logOn, startBrowser } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'

const missing = whatIsMissing()
const here = missing === null ? test : test.skip
const client = new Client(0)
let example: Example
let browser: Browser
let page: Page
let database: Database

beforeAll(async () => {
  if (missing !== null) return
  example = await startExample()
  browser = await startBrowser()
  page = await logOn(browser, example, 'admin@example.com', { viewport: { width: 1440, height: 900 } })
  await client.access({
    ...{ host: '127.0.0.1', port: example.ftpPort },
    ...{ user: 'press', password: example.passwordOf('press') },
  })
  database = await openDatabase({ type: 'sqlite', database: example.database })
  // As the process of another machine writes it.
  const { id: _, ...own } = await until('a row of press', () => database.ftpSessions.findOneBy({ login: 'press' }))
  await database.ftpSessions.insert({ ...own, host: 'ftp2', status: 'downloading', bytesPerSecond: 1000, key: 'there' })
  const { id: __, ...status } = await database.sourceStatuses.findOneByOrFail({ kind: 'ftp' })
  await database.sourceStatuses.insert({ ...status, host: 'ftp2', sessions: 1 })
})
afterAll(async () => {
  client.close()
  await database?.close()
  await browser?.close()
  await example?.stop()
})

const open = async (path: string) => {
  await page.goto(`${example.url}/resources/${path}`)
  await page.locator('[data-id]').first().waitFor()
}
const head = (name: string) => page.getByRole('columnheader', { name, exact: true })
const picture = async (name: string) => {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true })
}

here('the same login on two hosts is told apart: by the column Host, and in the drawer', async () => {
  await open('FtpSession')
  await picture('hosts-1440')
  await head('Host').waitFor()
  const there = page.locator('[data-id]', { hasText: 'ftp2' })
  await there.getByRole('link', { name: /^Remove the session of press, 127\.0\.0\.1, ftp2 …/ }).click()
  await page.getByRole('dialog').getByText('Host: ftp2').waitFor()
  await picture('hosts-drawer-1440')
})

here('there is room for the usual columns and the host, and no idle time runs into the one beside it', async () => {
  await open('FtpSession')
  await head('Host').waitFor()
  const over = await page
    .locator('td[data-property-name=lastActiveAt], td:has(time[title^="Last active"])')
    .evaluateAll((cells) =>
      cells.map((cell) => {
        const time = cell.querySelector('time')!
        time.textContent = '23\u00a0h 59\u00a0min'
        const { right } = cell.getBoundingClientRect()
        return right - Number.parseFloat(getComputedStyle(cell).paddingRight) - time.getBoundingClientRect().right
      }),
    )
  expect(over).not.toEqual([])
  expect(await page.locator('table').evaluate((table) => table.scrollWidth - table.parentElement!.clientWidth)).toBe(0)
  for (const left of over) expect(left).toBeGreaterThanOrEqual(0)
})

here('on a phone each card has its host', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  await open('FtpSession')
  await page.locator('li[data-id] dd[data-property-name=host]', { hasText: 'ftp2' }).waitFor()
  await picture('hosts-390')
  await page.setViewportSize({ width: 1440, height: 900 })
})

here('columns that were chosen before stay as they are', async () => {
  await page.evaluate(() => localStorage.setItem('adminjs-sessions.columns.FtpSession', '["status"]'))
  await open('FtpSession')
  await head('Status').waitFor()
  expect(await head('Host').count()).toBe(0)
  await page.evaluate(() => localStorage.removeItem('adminjs-sessions.columns.FtpSession'))
})

here(
  'a host that is silent is failing in the table of sources, and its rows are told apart in the totals',
  async () => {
    await open('FtpSession')
    expect(await page.getByText('as last seen').count()).toBe(0)
    const at = new Date(Date.now() - 10 * 60_000)
    await database.sourceStatuses.update({ host: 'ftp2' }, { seenAt: at, lastGoodAt: at })
    await open('FtpSession')
    await page
      .getByRole('group', { name: 'All together' })
      .getByText(/ · 1 as last seen$/)
      .waitFor()
    await picture('hosts-silent-1440')
    await open('SessionSourceStatus')
    const there = page.locator('[data-id]', { hasText: 'ftp2' })
    await there.getByText('Failing', { exact: true }).waitFor()
    await there.getByText('No running process reads this source any more.').waitFor()
    await picture('sources-1440')
    await there.getByRole('link', { name: /^Show/ }).click()
    await page.getByText('No running process reads this source any more.').waitFor()
    await page.getByText('Failing', { exact: true }).waitFor()
    await picture('source-1440')
  },
)
