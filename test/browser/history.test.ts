import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { logOnAt, startBrowser } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'
import { connectPress } from './press.js'

const missing = whatIsMissing()

;(missing === null ? describe : describe.skip)('the history in a browser', () => {
  let example: Example
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    example = await startExample()
    browser = await startBrowser()
    page = await logOnAt('FtpSession', browser, example, 'admin@example.com', { acceptDownloads: true })
    const client = await connectPress(example)
    await page.locator('tr[data-id]', { hasText: 'press' }).waitFor()
    client.close()
  })
  afterAll(async () => {
    await browser?.close()
    await example?.stop()
  })

  test('a session that has ended is in the list, on its person’s page, and in the file', async () => {
    await page.goto(`${example.url}/resources/FtpSession/actions/everything?person=press`)
    await page.getByRole('link', { name: 'Ended sessions' }).last().waitFor()
    await page.getByText('Gone').waitFor()

    await page.goto(`${example.url}/resources/SessionHistory?filters.login=press`)
    await page.getByText('press').first().waitFor()
    const download = page.waitForEvent('download')
    await page.getByText('Download as CSV').first().click()
    const file = await download
    await page.getByText('The file has 1 row.').waitFor()
    expect(file.suggestedFilename()).toBe('SessionHistory.csv')
    const text = readFileSync(await file.path(), 'utf8')
    expect(text).toMatch(/^\uFEFF/)
    expect(parse(text, { columns: true, bom: true })).toMatchObject([{ login: 'press', kind: 'ftp', how: 'unknown' }])
  })

  test('closing the drawer stops the file', async () => {
    const asked: string[] = []
    let answer = () => {}
    const first = new Promise<void>((resolve) => {
      void page.route('**/actions/csv?*', async (route) => {
        asked.push(route.request().url())
        resolve()
        await new Promise<void>((over) => (answer = over))
        await route.fulfill({ json: { csv: '"id"\r\n', rows: 1000, next: 1000 } }).catch(() => {})
      })
    })
    await page.goto(`${example.url}/resources/SessionHistory/actions/csv`)
    await first
    const aborted = page.waitForEvent('requestfailed', (request) => request.url().includes('/actions/csv?'))
    await page.getByText('Close', { exact: true }).click()
    await aborted
    answer()
    await page.waitForURL('**/resources/SessionHistory**')
    expect(asked).toHaveLength(1)
  })
})
