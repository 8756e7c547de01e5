import { readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AxeResults } from 'axe-core'
import { Client } from 'basic-ftp'
import type { Browser, Page } from 'playwright-core'
import { thorough } from '../thorough.js'
import { until } from '../until.js'
import { logOn, startBrowser } from './browser.js'
import { openDatabase } from '../../src/database/open-database.js'
import { removalOutcomes } from '../../src/database/removal-states.js'
import { startExample, whatIsMissing, type Example } from './example.js'
import { palettes, wear, withPalettes } from './palettes.js'
import { connectPress } from './press.js'

const missing = whatIsMissing()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is AdminJS's own: its frame, its breadcrumbs, its drawer of filters. */
const notOurs = [...['button-name', 'color-contrast', 'label', 'label-title-only', 'page-has-heading-one', 'region']]

/** Every page, and the states that it can be in: every day in dark, for the other palettes' are made of the same. */
;(missing === null ? describe : describe.skip)('axe finds nothing wrong', () => {
  let example: Example
  let browser: Browser
  let page: Page
  let client: Client

  beforeAll(async () => {
    example = await startExample()
    browser = await startBrowser()
    page = await logOn(browser, example, 'admin@example.com')
    await withPalettes(page)
  })
  afterAll(async () => {
    client?.close()
    await browser?.close()
    await example?.stop()
  })

  async function connect(): Promise<Client> {
    const open: Client[] = []
    try {
      return await connectPress(example, open)
    } catch (error) {
      open.forEach((each) => each.close())
      throw error
    }
  }
  /** Goes there as a link does: to load a page takes a second of a processor. */
  const open = (path: string) =>
    page.evaluate((url) => {
      history.pushState(null, '', url)
      dispatchEvent(new PopStateEvent('popstate'))
    }, `${example.url}${path}`)
  const rows = (text = '') => page.locator('[data-id]', { hasText: text })
  const idsOfPress = () =>
    page.evaluate(async (root) => {
      const url = `${root}/api/resources/FtpSession/actions/list?filters.login=press&perPage=50`
      const { records } = (await (await fetch(url)).json()) as { records: { id: number }[] }
      return records.map(({ id }) => id)
    }, example.url)
  /** Of the one that it has: a page may still show one that has gone. */
  const idOfPress = () =>
    until('press has one session', async () => {
      const ids = await idsOfPress()
      return ids.length === 1 && ids[0]
    })

  describe.each(Object.keys(palettes).filter((name) => thorough || name === 'dark'))('in %s', (palette) => {
    beforeAll(async () => {
      // What kept it out in the palette before is released.
      client = await until('press is let in', () => connect().catch(() => null))
      await page.goto(example.url)
      await wear(page, palette)
    })
    afterAll(async () => {
      client.close()
      await page.evaluate(async (root) => {
        const { records } = await (await fetch(`${root}/api/resources/SessionHold/actions/list`)).json()
        for (const { id } of records as { id: number }[])
          await fetch(`${root}/api/resources/SessionHold/records/${id}/delete`, { method: 'POST' })
      }, example.url)
    })

    /** Of ours nothing at all; of the whole page nothing but what is known to be AdminJS's. */
    async function check(name: string): Promise<void> {
      // A page comes with its own `window`; a colour that is on its way to another is neither.
      if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axe)
      const { parts, found } = await page.evaluate(async () => {
        const ours = 'main, [role=dialog]'
        const run = (globalThis as unknown as { axe: { run(...args: unknown[]): Promise<AxeResults> } }).axe.run
        await Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined)))
        const { violations } = await run(document, { resultTypes: ['violations'], elementRef: true })
        const found = violations.flatMap(({ id, nodes }) =>
          nodes.map(({ html, element }) => ({ id, html: html.slice(0, 200), isOurs: !!element?.closest(ours) })),
        )
        return { parts: document.querySelectorAll(ours).length, found }
      })
      expect(parts).toBeGreaterThan(0)
      // That a part of a page is in no landmark is for the page to see to.
      const isKnown = ({ id, isOurs }: (typeof found)[number]) => (isOurs ? id === 'region' : notOurs.includes(id))
      expect({ name, found: found.filter((one) => !isKnown(one)) }).toEqual({ name, found: [] })
      if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${palette}-${name}.png` })
    }

    test('the dashboard and the lists', async () => {
      await page.getByRole('heading', { name: 'Sessions now' }).waitFor()
      await check('dashboard')
      for (const resource of ['PanelSession', 'FtpSession']) {
        await open(`/resources/${resource}`)
        await rows().first().waitFor()
        await check(resource)
      }
    })

    test('twenty and more, whose number is to be typed: their rows folded, and unfolded', async () => {
      const others: Client[] = []
      try {
        await Promise.all(Array.from({ length: 20 }, () => connectPress(example, others)))
        await until('all are listed', async () => (await idsOfPress()).length === 21)
        await open('/resources/FtpSession/actions/removeAll?filters.login=press')
        const field = page.getByLabel('To go on, type how many: 21')
        await field.waitFor()
        await check('remove-all-folded')
        await field.fill('21')
        await page.getByRole('button', { name: 'End 21 sessions', disabled: false }).waitFor()
        await page.getByText('Show the first 20').click()
        await page.locator('details[open] li').nth(19).waitFor()
        await check('remove-all-typed')
        await open(`/resources/FtpSession/bulk/remove?recordIds=${(await idsOfPress()).join(',')}`)
        await page.getByText('Show all 21').waitFor()
        await check('remove-folded')
        await page.getByText('Show all 21').click()
        await page.locator('details[open] li').nth(20).waitFor()
        await check('remove-unfolded')
      } finally {
        others.forEach((each) => each.close())
      }
      await until('they are gone', async () => (await idsOfPress()).length === 1)
    })

    test('the drawer of a session, before and after it ends, and when its client has come back', async () => {
      const id = await idOfPress()
      await open(`/resources/FtpSession/bulk/remove?recordIds=${id}`)
      await page.getByRole('radio', { name: 'Nobody is kept out', checked: true }).waitFor()
      await check('remove')
      await page.getByRole('button', { name: 'End 1 session' }).click()
      await page.getByText('Ended: 1', { exact: true }).waitFor()
      client = await connect()
      await page.getByText(/^came back at/).waitFor()
      await check('came-back')

      await open(`/resources/FtpSession/bulk/remove?recordIds=${await idOfPress()}&keepOut=login`)
      await page.getByRole('radio', { name: 'Keep the login out', checked: true }).waitFor()
      await check('remove-and-keep-out')
      await page.getByRole('button', { name: 'End 1 session' }).click()
      await page.getByText(/^kept out until/).waitFor()
      await check('removed')
    })

    test('what a list says, and its menu of columns', async () => {
      await open('/resources/FtpSession?filters.login=nobody')
      await page.getByText('No session matches the filter.').waitFor()
      await check('empty')
      await page.getByText('Columns', { exact: true }).click()
      await check('columns')
    })

    /** A removal of each outcome that there is, one of them by a policy that is only tried. */
    async function everyOutcome(): Promise<void> {
      const database = await openDatabase({ type: 'sqlite', database: example.database })
      await database.removals.insert(
        removalOutcomes.map((outcome, i) => ({
          ...{ batch: `of ${palette}`, recordId: i + 1, kind: 'ftp' as const, requestedAt: new Date(), outcome },
          ...{ removedBy: 'idle (ftp)', removedVia: 'policy' as const, login: 'press', ip: '127.0.0.1' },
          ...{ reason: 'nothing was done for 1 minute', said: [{ key: 'policyTried' as const }] },
          ...{ cameBackAt: new Date(), keepOutUntil: new Date(Date.now() + 3_600_000) },
          message: 'The policy is only tried: it would have ended this session.',
        })),
      )
      await database.close()
    }

    test('what is left of it, and their drawers', async () => {
      await everyOutcome()
      for (const resource of ['SessionRemoval', 'SessionHistory', 'SessionHold', 'SessionSourceStatus']) {
        await open(`/resources/${resource}`)
        await rows().first().waitFor()
        await check(resource)
        await open(`/resources/${resource}/records/${await rows().first().getAttribute('data-id')}/show`)
        await page.locator('[data-property-name]').first().waitFor()
        await check(`${resource}-record`)
      }
      await open('/resources/SessionHold/actions/keepOut?login=press')
      await page.getByText('Whatever is open there ends with it.').waitFor()
      await check('keep-out')
      await open('/resources/SessionHistory/actions/csv')
      await page.getByText(/^The file has/).waitFor()
      await check('csv')
    })

    /** The example's own client that uploads, for as long as it runs. */
    async function idOfCamera(): Promise<string> {
      await open('/resources/FtpSession')
      await rows('Uploading').waitFor()
      return (await rows('Uploading').getAttribute('data-id'))!
    }

    test('a session, and all that its person has open', async () => {
      const id = await idOfCamera()
      await open(`/resources/FtpSession/records/${id}/show`)
      await page.getByRole('link', { name: 'Remove and keep out' }).waitFor()
      await check('record')
      await open('/resources/FtpSession/actions/everything?person=camera')
      await page.getByRole('button', { name: 'End 1 session' }).waitFor()
      await check('everything')
      await open('/resources/FtpSession/actions/everything?person=press')
      await page.getByText(/^kept out until/).first().waitFor() // prettier-ignore
      await check('everything-left')
      await open('/resources/FtpSession/actions/removeAll?filters.login=camera')
      await page.getByRole('button', { name: 'End 1 session' }).waitFor()
      await check('remove-all')
    })

    test('a drawer that warns of what is cut, and what did not end', async () => {
      const id = await idOfCamera()
      await open(`/resources/FtpSession/bulk/remove?recordIds=${id}&keepOut=ip`)
      await page.getByText('This also ends:').waitFor()
      await check('remove-cuts')
      // By an answer of ours: a session that no ordinary end ends is another test's.
      const removal = {
        recordId: Number(id),
        outcome: 'failed',
        said: ['It is hung.'],
        force: 'Half a file is left.',
      }
      await answered('**/bulk/remove?**', { removals: [removal] }, async () => {
        await page.getByRole('button', { name: 'End 1 session' }).click()
        await page.getByText('Failed: 1').waitFor()
        await check('remove-failed')
      })
      // From one drawer straight to another, AdminJS shows none.
      await idOfCamera()
      await page.locator('#drawerPortalWrapper section').waitFor({ state: 'detached' })
      const counts = { ended: 1, pending: 1, failed: 1 }
      await open('/resources/FtpSession/actions/removeAll?filters.login=camera')
      await page.getByRole('button', { name: 'End 1 session' }).waitFor()
      await answered(
        '**/actions/removeAll?**',
        { progress: { counts, notEnded: [removal] }, leftOut: {} },
        async () => {
          await page.getByRole('button', { name: 'End 1 session' }).click()
          await page.getByRole('progressbar').waitFor()
          await check('remove-all-going')
        },
      )
    })

    /** While `work` runs, the back office answers so, or as one that is logged out (null), or not at all. */
    async function answered(url: string, json: object | null | undefined, work: () => Promise<void>): Promise<void> {
      await page.route(url, (route) =>
        json === undefined ? route.abort() : json ? route.fulfill({ json }) : route.fulfill({ status: 401 }),
      )
      await work()
      await page.unroute(url)
    }

    test('a back office that does not answer, and one that has logged the admin out', async () => {
      for (const resource of ['PanelSession', 'FtpSession', 'SessionRemoval', 'SessionSourceStatus']) {
        await open(`/resources/${resource}`)
        await rows().first().waitFor()
        await answered('**/actions/list?**', undefined, async () => {
          await page.getByText(/^The back office has not answered since/).waitFor()
          await check(`${resource}-unanswered`)
        })
      }
      await answered('**/actions/list?**', null, async () => {
        await page.getByRole('link', { name: 'Log in' }).waitFor()
        await check('logged-out')
      })
    })

    test('the lists on a phone', async () => {
      await page.setViewportSize({ width: 390, height: 844 })
      try {
        const lists = ['FtpSession', 'PanelSession', 'SessionRemoval', 'SessionHistory', 'SessionHold']
        for (const resource of [...lists, 'SessionSourceStatus']) {
          await open(`/resources/${resource}`)
          await rows().first().waitFor()
          await check(`${resource}-narrow`)
        }
      } finally {
        await page.setViewportSize({ width: 1280, height: 720 })
      }
    })

    test('a source that fails, and rows as they were last seen', async () => {
      await open('/resources/FtpSession')
      await rows().first().waitFor()
      const aside = `${example.scoreboard}.aside`
      await rename(example.scoreboard, aside)
      await writeFile(example.scoreboard, 'junk')
      try {
        await page.getByText(/^proftpd on .+ has not answered since/).waitFor()
        await check('failing')
        await open('')
        await page.getByText(/^Failing since/).waitFor()
        await check('failing-dashboard')
        await open('/resources/SessionSourceStatus')
        await page.getByText('Failing', { exact: true }).first().waitFor()
        await check('failing-sources')
      } finally {
        await rm(example.scoreboard)
        await rename(aside, example.scoreboard)
      }
    })
  })
})
