import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, Page } from 'playwright-core'
import { logOnAt, startBrowser, tick } from './browser.js'
import { withComponents } from './components.js'
import { pathOf } from './example.js'
import { until } from '../until.js'

;(pathOf('chromium-headless-shell') ? describe : describe.skip)('sessions that ignore an end', () => {
  let child: ChildProcess
  let directory: string
  let url: string
  let browser: Browser

  beforeAll(async () => {
    await import('../fresh-dist.mjs')
    directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-by-force-'))
    child = fork(fileURLToPath(new URL('stubborn.child.mjs', import.meta.url)), {
      ...(await withComponents(directory)),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    ;[url] = (await once(child, 'message')) as [string]
    browser = await startBrowser()
  })

  afterAll(async () => {
    await browser?.close()
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
    await rm(directory, { recursive: true, force: true })
  })

  const open = (email: string, width = 1440) =>
    logOnAt('FtpSession', browser, { url, passwordOf: () => 'any' }, email, { viewport: { width, height: 900 } })

  async function removeTicked(page: Page, logins: string[]) {
    for (const login of logins) await tick(page.getByLabel(`Select the session of ${login}`))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: `End ${logins.length} session` }).click()
    await page.getByText(`Failed: ${logins.length}`, { exact: true }).waitFor()
  }

  /** The removals of these logins, the latest first. */
  async function removals(page: Page): Promise<Record<string, unknown>[]> {
    const answer = await page.request.get(`${url}/api/resources/SessionRemoval/actions/list?sortBy=id&direction=desc`)
    const { records } = (await answer.json()) as { records: { params: Record<string, unknown> }[] }
    return records.map(({ params }) => params)
  }

  test('say what an end by force leaves behind, and are ended by it, each by itself', async () => {
    const page = await open('admin@example.com')
    await removeTicked(page, ['stubborn', 'second', 'immortal'])
    const row = (login: string) => page.locator('form li', { hasText: login }).first()
    const force = (login: string) => row(login).getByRole('button', { name: 'End by force' })
    expect(await row('stubborn').innerText()).toContain('Half a file stays behind')
    expect(await row('stubborn').locator('b').count()).toBe(0)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/force-1440.png` })

    await force('stubborn').click()
    await page.getByText('Ended: 1', { exact: false }).waitFor()
    expect(await force('stubborn').count()).toBe(0)
    expect(await force('second').count()).toBe(1)

    await force('immortal').click()
    await row('immortal').getByText('Failed', { exact: true }).waitFor()
    expect(await force('immortal').count()).toBe(0)
    const [latest, before] = await removals(page)
    expect(latest).toMatchObject({ login: 'immortal', byForce: true, outcome: 'failed' })
    expect(before).toMatchObject({ login: 'stubborn', byForce: true, outcome: 'ended' })
    await page.getByText('Close', { exact: true }).click()
    await page.locator('tr[data-id]', { hasText: 'stubborn' }).waitFor({ state: 'detached' })
    expect(await page.locator('tr[data-id]', { hasText: 'second' }).count()).toBe(1)
    await page.context().close()
  })

  test('can be asked about again, and what was done by force is not taken back by the first outcome', async () => {
    const page = await open('admin@example.com')
    await removeTicked(page, ['second', 'immortal'])
    const row = (login: string) => page.locator('form li', { hasText: login }).first()
    await page.route('**/bulk/remove?**', (route) => route.abort())
    await row('second').getByRole('button', { name: 'End by force' }).click()
    await page.getByText('The outcome is not known').waitFor()
    await page.unroute('**/bulk/remove?**')
    await page.getByRole('button', { name: 'Ask again' }).click()
    await row('second').getByText('Ended', { exact: true }).waitFor()
    await row('immortal').getByRole('button', { name: 'End by force' }).waitFor()
    expect((await removals(page))[0]).toMatchObject({ login: 'second', byForce: true, outcome: 'ended' })
    await page.context().close()
  })

  test('ended by force while others are waited for, they stay ended', async () => {
    const page = await open('admin@example.com')
    for (const login of ['resting', 'immortal']) await tick(page.getByLabel(`Select the session of ${login}`))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await tick(page.getByLabel('Wait until running transfers have ended'))
    await page.getByRole('button', { name: 'End 2 sessions' }).click()
    const row = (login: string) => page.locator('form li', { hasText: login }).first()
    await row('resting').getByRole('button', { name: 'End by force' }).click()
    await row('resting').getByText('Ended', { exact: true }).waitFor()
    await page.waitForResponse((response) => response.request().method() === 'POST')
    await page.waitForResponse((response) => response.request().method() === 'POST')
    await page.getByText('Ended: 1 · Pending: 1').or(page.getByText('Pending: 1 · Ended: 1')).waitFor()
    expect(await row('resting').innerText()).toContain('Ended')
    expect(await row('resting').getByRole('button', { name: 'End by force' }).count()).toBe(0)
    await page.context().close()
  })

  test('what stays pending can be stopped', async () => {
    const page = await open('admin@example.com')
    await page.clock.install()
    await tick(page.getByLabel('Select the session of immortal'))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await tick(page.getByLabel('Wait until running transfers have ended'))
    await page.getByRole('button', { name: 'End 1 session' }).click()
    await page.getByText('Pending: 1', { exact: true }).waitFor()
    const stop = page.getByRole('button', { name: 'Stop the rest' })
    expect(await stop.count()).toBe(0)
    await until('it is asked for no longer', async () => {
      await page.clock.runFor(5_000)
      return (await stop.count()) === 1
    })
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/pending.png` })
    await stop.click()
    await page.getByText('Stopped: 1', { exact: true }).waitFor()
    expect((await removals(page))[0]).toMatchObject({ login: 'immortal', outcome: 'stopped' })
    await page.context().close()
  })

  test('on a phone all of it is within reach', async () => {
    const page = await open('admin@example.com', 390)
    await removeTicked(page, ['immortal'])
    const button = page.getByRole('button', { name: 'End by force' })
    await button.scrollIntoViewIfNeeded()
    const box = await button.boundingBox()
    expect(box!.x + box!.width).toBeLessThanOrEqual(390)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/force-390.png` })
    await page.context().close()
  })

  test('a reseller is told that a source fails, and neither which nor why; and whom a ban would cut he is not told', async () => {
    const page = await open('reseller@example.com')
    await page.getByText(/^1 source of these sessions does not answer/).waitFor()
    const shown = await page.locator('body').innerText()
    expect(shown).not.toMatch(/theirs|silent-ftpd/)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/reseller.png` })
    await tick(page.getByLabel('Select the session of immortal'))
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByLabel('Keep the IP address out').check()
    await page.getByText('It would also end sessions that are not shown to you, and will be refused.').waitFor()
    expect(await page.locator('body').innerText()).not.toMatch(/theirs/)
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/cut.png` })
    await page.context().close()
  })
})
