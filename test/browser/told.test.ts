import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { logOn, logOnAt, startBrowser, tick } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'

const missing = whatIsMissing()

;(missing === null ? describe : describe.skip)('a person whose session an admin ends', () => {
  let example: Example
  let browser: Browser
  let admin: Page

  beforeAll(async () => {
    example = await startExample()
    browser = await startBrowser()
    admin = await logOnAt('PanelSession', browser, example, 'admin@example.com')
  })
  afterAll(async () => {
    await browser?.close()
    await example?.stop()
  })

  test('is told so in the tab that he has open, why, and where to turn to; and only once', async () => {
    const reader = await logOnAt('SessionSourceStatus', browser, example, 'reader@example.com')
    await reader.locator('[data-id]').first().waitFor()
    const row = admin.locator('[data-id]', { hasText: 'reader@example.com' })
    await row.waitFor()
    await row
      .getByRole('link', { name: /^Remove the session of reader@example.com, .* …$/ })
      .first()
      .click()
    await admin.getByLabel('Reason (optional, kept with the removal)').fill('The account moves tonight')
    await tick(admin.getByLabel('Tell its person the reason'))
    await admin.getByRole('button', { name: 'End 1 session' }).click()
    await admin.getByText('Ended: 1', { exact: true }).waitFor()

    // The page that he has open asks by itself.
    await reader.getByText('Reason: The account moves tonight').waitFor()
    await reader.getByText('Questions: admin@example.com').waitFor()
    await reader.getByRole('link', { name: 'Log in' }).click()
    const note = reader.getByRole('alert')
    await note.waitFor()
    expect(await note.innerText()).toContain('An administrator has ended your session.')
    if (process.env.SCREENSHOTS) await reader.screenshot({ path: `${process.env.SCREENSHOTS}/told.png` })
    await reader.reload()
    await reader.locator('input[name=email]').waitFor()
    expect(await note.count()).toBe(0)
  })

  test('is told no reason that was kept to the record', async () => {
    const reader = await logOn(browser, example, 'reader@example.com')
    const row = admin.locator('[data-id]', { hasText: 'reader@example.com' })
    await admin.goto(`${example.url}/resources/PanelSession`)
    await row.waitFor()
    await row
      .getByRole('link', { name: /^Remove the session of reader@example.com, .* …$/ })
      .first()
      .click()
    await admin.getByLabel('Reason (optional, kept with the removal)').fill('Suspected')
    await admin.getByRole('button', { name: 'End 1 session' }).click()
    await admin.getByText('Ended: 1', { exact: true }).waitFor()
    await reader.goto(`${example.url}/resources/FtpSession`)
    const note = reader.getByRole('alert')
    await note.waitFor()
    expect(await note.innerText()).not.toContain('Suspected')
  })
})
