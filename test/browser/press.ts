import { Client } from 'basic-ftp'
import type { Page } from 'playwright-core'
import { until } from '../until.js'
import type { Example } from './example.js'

/**
 * Connects `press`, the one account that the example's own clients leave alone.
 *
 * @param open gets the client also where it is not let in: its connection stays open
 */
export async function connectPress(example: Example, open: Client[] = []): Promise<Client> {
  const client = new Client(0)
  open.push(client)
  const password = example.passwordOf('press')
  await client.access({ host: '127.0.0.1', port: example.ftpPort, user: 'press', password })
  return client
}

/** Shows the FTP sessions, without those of `press` that have just been closed: on a busy machine they may still be there. */
export async function showWithoutPress(page: Page, example: Example): Promise<void> {
  const rows = (login: string) => page.locator('tr[data-id]', { hasText: login })
  await page.goto(`${example.url}/resources/FtpSession`)
  await rows('camera').waitFor()
  await until('none of them is listed', async () => (await rows('press').count()) === 0)
}
