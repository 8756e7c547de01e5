import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { APIRequestContext, Browser, Page } from 'playwright-core'
import { closeDrawer, logOnAt, logOnUnseen, startBrowser, tick } from './browser.js'
import { startExample, whatIsMissing, type Example } from './example.js'

const missing = whatIsMissing()

;(missing === null ? describe : describe.skip)('panel sessions, in several browsers', () => {
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

  const others = () => admin.locator('tr[data-id]', { hasNot: admin.getByText('you', { exact: true }) })
  const own = () => admin.locator('tr[data-id]', { has: admin.getByText('you', { exact: true }) })

  async function removalsOf(page: Page): Promise<Record<string, unknown>[]> {
    const query = 'sortBy=requestedAt&direction=desc'
    const answer = await page.request.get(`${example.url}/api/resources/SessionRemoval/actions/list?${query}`)
    const { records } = (await answer.json()) as { records: { params: Record<string, unknown> }[] }
    return records.map(({ params }) => params)
  }

  test("another admin's session is ended, and that admin is out at the next request", async () => {
    const other = await logOnUnseen(example, 'admin@example.com')
    await others().waitFor()
    expect(await own().getByRole('checkbox').count()).toBe(0)

    await tick(others().getByRole('checkbox'))
    await admin.getByRole('button', { name: 'Remove', exact: true }).click()
    await admin.getByRole('button', { name: 'End 1 session' }).click()
    await admin.getByText('Ended: 1', { exact: true }).waitFor()
    await closeDrawer(admin)
    await others().waitFor({ state: 'detached' })

    const next = await other.get(`${example.url}/resources/PanelSession`)
    expect(next.url()).toBe(`${example.url}/login?sessionEnded=1&contact=admin%40example.com`)
    const [removal] = await removalsOf(admin)
    expect(removal).toMatchObject({ login: 'admin@example.com', outcome: 'ended', removedBy: 'admin@example.com' })
    await other.dispose()
  })

  test('what a source had to leave out stands above the rows, as text', async () => {
    // The answer is the example's own, with a warning in it.
    await admin.route('**/PanelSession/actions/list?*', async (route) => {
      const answer = await route.fetch({
        url: route
          .request()
          .url()
          .replace(/known=[^&]*/, 'known='),
      })
      const list = (await answer.json()) as { sessions: { sources: { warning: string | null }[] } }
      for (const source of list.sessions.sources) source.warning = '1 session is left out: <b>1a2b3c4d</b>.'
      await route.fulfill({ response: answer, json: list })
    })
    await admin.getByRole('button', { name: 'Refresh' }).click()
    await admin.getByText(/^express-session on .+ is not shown in full\.$/).waitFor()
    await admin.getByText('1 session is left out: <b>1a2b3c4d</b>.', { exact: true }).waitFor()
    // A question that waits is still on its way.
    await admin.unrouteAll({ behavior: 'ignoreErrors' })
    await admin.goto(`${example.url}/resources/PanelSession`)
    await own().waitFor()
    expect(await admin.getByText('is not shown in full').count()).toBe(0)
  })

  test('a browser is named in words, and its own text stands in the title and on the page of the record', async () => {
    const userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0'
    const other = await logOnUnseen(example, 'reader@example.com', userAgent)
    const row = admin.locator('tr[data-id]', { hasText: 'reader@example.com' })
    const words = row.getByText('Firefox 143 on Windows', { exact: true })
    await words.waitFor()
    expect(await words.getAttribute('title')).toBe(userAgent)

    await row.getByRole('link', { name: /^Show the session/ }).click()
    await admin.getByText('Firefox 143 on Windows', { exact: true }).waitFor()
    await admin.getByText(userAgent, { exact: true }).waitFor()
    await admin.goto(`${example.url}/resources/PanelSession`)
    await other.get(`${example.url}/logout`)
    await row.waitFor({ state: 'detached' })
    await other.dispose()
  })

  test('a hostile browser and a hostile reason are shown harmlessly, here and among the removals', async () => {
    const hostile = `<img src=x onerror="document.title='owned'">`
    const other = await logOnUnseen(example, 'reader@example.com', hostile)
    const row = admin.locator('tr[data-id]', { hasText: 'reader@example.com' })
    await row.waitFor()
    const agent = row.locator('[data-property-name=userAgent]')
    // A row may be there a moment before it is known what its requests say of it.
    await agent.getByText('<img').waitFor()
    expect(await agent.innerHTML()).toContain('&lt;img')
    expect(await row.locator('img').count()).toBe(0)

    await tick(row.getByRole('checkbox'))
    await admin.getByRole('button', { name: 'Remove', exact: true }).click()
    await admin.locator('textarea').fill(hostile)
    await admin.getByRole('button', { name: 'End 1 session' }).click()
    await admin.getByText('Ended: 1', { exact: true }).waitFor()
    await admin.goto(`${example.url}/resources/SessionRemoval`)
    await admin.getByText(hostile).first().waitFor()
    expect(await admin.locator('td img').count()).toBe(0)
    expect(await admin.title()).not.toBe('owned')
    await admin.goto(`${example.url}/resources/PanelSession`)
    await other.dispose()
  })

  test('a page that is open when its session is ended says so in its place', async () => {
    const other = await logOnAt('PanelSession', browser, example, 'reader@example.com')
    await tick(others().getByRole('checkbox'))
    await admin.getByRole('button', { name: 'Remove', exact: true }).click()
    await admin.getByRole('button', { name: 'End 1 session' }).click()
    await other.getByText('Your own session has ended. Log in again to go on.').waitFor()
    await closeDrawer(admin)
    await other.context().close()
  })

  test('a reader sees them, may remove none, and a forged request is refused and recorded', async () => {
    const reader = await logOnAt('PanelSession', browser, example, 'reader@example.com')
    const theirs = reader.locator('tr[data-id]', { hasText: 'admin@example.com' })
    await theirs.waitFor()
    expect(await reader.getByRole('checkbox').count()).toBe(0)
    expect(await reader.getByRole('button', { name: 'Remove', exact: true }).count()).toBe(0)

    const id = await theirs.getAttribute('data-id')
    const answer = await reader.evaluate(async (url) => {
      const response = await fetch(url, { method: 'POST' })
      return (await response.json()) as { removals: { outcome: string }[] }
    }, `${example.url}/api/resources/PanelSession/bulk/remove?recordIds=${id}`)
    expect(answer.removals).toMatchObject([{ outcome: 'refused' }])

    const [removal] = await removalsOf(admin)
    expect(removal).toMatchObject({ outcome: 'refused', removedBy: 'reader@example.com', login: 'admin@example.com' })
    await reader.context().close()
  })

  test('a customer sees his own session alone', async () => {
    const customer = await logOnAt('PanelSession', browser, example, 'customer@example.com')
    await customer.locator('tr[data-id]').first().waitFor()
    expect(await customer.locator('tr[data-id]').count()).toBe(1)
    expect(await customer.locator('tr[data-id]').innerText()).toContain('customer@example.com')
    await customer.context().close()
  })

  test('outlive a restart of the back office, and so does when they began', async () => {
    const began = async () => (await own().locator('[data-property-name=loggedInAt] time').getAttribute('datetime'))!
    const before = await began()
    await example.restart()
    await admin.reload()
    await own().waitFor()
    expect(await began()).toBe(before)
    expect(Number.isNaN(Date.parse(before))).toBe(false)
  })

  test('watching is no activity: polls neither count nor keep the watcher logged in', async () => {
    let reader: APIRequestContext | null = null
    /** After one of the page's polls; read as it asks, but whole: its own answers are empty where nothing has changed. */
    const polled = async () => {
      const answered = admin.waitForResponse(
        (candidate) => candidate.request().headers()['x-adminjs-sessions-poll'] === '1' && candidate.status() === 200,
      )
      // A poll that waits is answered when somebody comes or leaves.
      if (reader) await reader.get(`${example.url}/logout`).then(() => reader!.dispose())
      reader = reader ? null : await logOnUnseen(example, 'reader@example.com')
      await answered
      const lastActiveAt = await admin.evaluate(async () => {
        const headers = { 'x-adminjs-sessions-poll': '1' }
        const answer = await fetch('/admin/api/resources/PanelSession/actions/list', { headers })
        const { records } = (await answer.json()) as { records: { params: { own?: true; lastActiveAt: string } }[] }
        return records.find(({ params }) => params.own)!.params.lastActiveAt
      })
      const [cookie] = await admin.context().cookies()
      return { lastActiveAt, expires: cookie.expires }
    }
    await admin.getByRole('button', { name: 'Refresh' }).click()
    await polled()
    const first = await polled()
    const since = performance.now()
    let later = first
    // Activity is kept to 5 s: after that, one of them would show.
    while (performance.now() - since < 6000) later = await polled()
    expect(later.lastActiveAt).toBe(first.lastActiveAt)
    expect(Math.abs(later.expires - first.expires)).toBeLessThan(4)

    await admin.getByRole('button', { name: 'Refresh' }).click()
    await polled()
    const after = await polled()
    expect(Date.parse(after.lastActiveAt)).toBeGreaterThan(Date.parse(first.lastActiveAt))
    // Nor does a poll take back what a real request has extended.
    expect(after.expires).toBeGreaterThan(first.expires + 4)
  })
})
