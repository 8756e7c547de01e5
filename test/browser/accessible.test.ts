import { readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { AxeResults } from 'axe-core'
import { Client } from 'basic-ftp'
import type { Browser, Page } from 'playwright-core'
import { thorough } from '../thorough.js'
import { logOn, startBrowser } from './browser.js'
import { openDatabase } from '../../src/database/open-database.js'
import { removalOutcomes } from '../../src/database/removal-states.js'
import { startExample, whatIsMissing, type Example } from './example.js'

const missing = whatIsMissing()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What is AdminJS's own: its frame, its breadcrumbs, its drawer of filters. */
const notOurs = [...['button-name', 'color-contrast', 'label', 'label-title-only', 'page-has-heading-one', 'region']]

const themes = [
  ['light', 'admin@example.com'],
  ['dark', 'night@example.com'],
]
describe.each(thorough ? themes : themes.slice(0, 1))('in %s, axe finds nothing wrong', (theme, who) => {
  const here = missing === null ? test : test.skip
  let example: Example
  let browser: Browser
  let page: Page
  const clients: Client[] = []

  beforeAll(async () => {
    if (missing !== null) return
    example = await startExample()
    browser = await startBrowser()
    page = await logOn(browser, example, who)
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await browser?.close()
    await example?.stop()
  })

  async function connect(): Promise<void> {
    const client = new Client(0)
    clients.push(client)
    await client.access({
      ...{ host: '127.0.0.1', port: example.ftpPort },
      ...{ user: 'press', password: example.passwordOf('press') },
    })
  }
  const open = (path: string) => page.goto(`${example.url}${path}`)
  const rows = () => page.locator('[data-id]')

  /** Of ours nothing at all; of the whole page nothing but what is known to be AdminJS's. */
  async function check(name: string): Promise<void> {
    await page.evaluate(axe)
    const { parts, found } = await page.evaluate(async () => {
      const ours = 'main, [role=dialog]'
      const run = (globalThis as unknown as { axe: { run(...args: unknown[]): Promise<AxeResults> } }).axe.run
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
    if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${theme}-${name}.png` })
  }

  const thoroughlyHere = thorough ? here : () => {}

  here('with the dashboard and the lists', async () => {
    await connect()
    await open('')
    await page.getByRole('heading', { name: 'Sessions now' }).waitFor()
    await check('dashboard')
    for (const resource of ['PanelSession', 'FtpSession', ...(thorough ? ['SessionSourceStatus'] : [])]) {
      await open(`/resources/${resource}`)
      await rows().first().waitFor()
      await check(resource)
    }
  })

  thoroughlyHere('with what is said where a list is empty', async () => {
    await open('/resources/FtpSession?filters.login=nobody')
    await page.getByText('No session matches the filter.').waitFor()
    await check('empty')
    await page.getByText('Columns', { exact: true }).click()
    await check('columns')
  })

  async function idOfPress(): Promise<string> {
    await open('/resources/FtpSession')
    const press = page.locator('[data-id]', { hasText: 'press' })
    await press.waitFor()
    return (await press.getAttribute('data-id'))!
  }

  thoroughlyHere('with a session, and with all that its person has open', async () => {
    const id = await idOfPress()
    await open(`/resources/FtpSession/records/${id}/show`)
    await page.getByRole('link', { name: 'Remove and keep out' }).waitFor()
    await check('record')
    await open('/resources/FtpSession/actions/everything?person=press')
    await page.getByRole('button', { name: 'End 1 session' }).waitFor()
    await check('everything')
    await open('/resources/FtpSession/actions/removeAll?filters.login=press')
    await page.getByRole('button', { name: 'End 1 session' }).waitFor()
    await check('remove-all')
  })

  here('with the drawer of a session, before and after it ends', async () => {
    const id = await idOfPress()
    await open(`/resources/FtpSession/bulk/remove?recordIds=${id}&keepOut=login`)
    await page.getByRole('radio', { name: 'Keep the login out', checked: true }).waitFor()
    await check('remove')
    await page.getByRole('button', { name: 'End 1 session' }).click()
    await page.getByText(/^kept out until/).waitFor()
    await check('removed')
  })

  /** A removal of each outcome that there is, one of them by a policy that is only tried. */
  async function everyOutcome(): Promise<void> {
    const database = await openDatabase({ type: 'sqlite', database: example.database })
    await database.removals.insert(
      removalOutcomes.map((outcome, i) => ({
        ...{ batch: 'of-the-test', recordId: i + 1, kind: 'ftp' as const, requestedAt: new Date(), outcome },
        ...{ removedBy: 'idle (ftp)', removedVia: 'policy' as const, login: 'press', ip: '127.0.0.1' },
        ...{ reason: 'nothing was done for 1 minute', said: [{ key: 'policyTried' as const }] },
        message: 'The policy is only tried: it would have ended this session.',
      })),
    )
    await database.close()
  }

  thoroughlyHere('with what is left of it', async () => {
    await everyOutcome()
    for (const resource of ['SessionRemoval', 'SessionHistory', 'SessionHold']) {
      await open(`/resources/${resource}`)
      await rows().first().waitFor()
      await check(resource)
      await open(`/resources/${resource}/records/${await rows().first().getAttribute('data-id')}/show`)
      await page.getByText('press').first().waitFor()
      await check(`${resource}-record`)
    }
    await open('/resources/SessionHold/actions/keepOut?login=press')
    await page.getByText('Whatever is open there ends with it.').waitFor()
    await check('keep-out')
  })

  thoroughlyHere('with the lists on a phone', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    try {
      const lists = [
        'FtpSession',
        'PanelSession',
        'SessionRemoval',
        'SessionHistory',
        'SessionHold',
        'SessionSourceStatus',
      ]
      for (const resource of lists) {
        await open(`/resources/${resource}`)
        await rows().first().waitFor()
        await check(`${resource}-narrow`)
      }
    } finally {
      await page.setViewportSize({ width: 1280, height: 720 })
    }
  })

  thoroughlyHere('with a source that fails, and rows as they were last seen', async () => {
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
