import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { apiOffice, sha256, tokens } from './api-office.js'

const page = readFileSync(fileURLToPath(new URL('../../docs/http-api.md', import.meta.url)), 'utf8')
const run = promisify(execFile)

test('each command of the page does what it says', async () => {
  const office = await apiOffice({ pollEvery: 250, person: ({ login }) => login!.split('_')[0]! })
  office.ftp.add('shop_a', { lastActiveAt: new Date(Date.now() - 3600_000), status: 'idle' })
  office.ftp.add('other')
  await office.rows('ftp', 2)
  const env = { ...process.env, API: office.base, TOKEN: tokens.all }
  const commands = [...page.matchAll(/```sh\n([^]*?)```/g)].map(([, command]) => command!)
  const said: string[] = []
  for (const command of commands) said.push((await run('sh', ['-ec', command], { env })).stdout)
  const [digest, list, removal, removals, keptOut, holds, events] = said
  expect(said).toHaveLength(7)
  expect(digest).toMatch(/^[0-9a-f]{64}\n$/)
  expect(JSON.parse(list!)).toMatchObject({ sessions: [{ login: 'shop_a' }], sources: [{ state: 'ok' }] })
  expect(JSON.parse(removal!)).toMatchObject({ batch: expect.any(String), unread: [] })
  expect(JSON.parse(removals!)).toMatchObject({ removals: [{ person: 'shop', reason: 'the contract has ended' }] })
  expect(JSON.parse(keptOut!)).toMatchObject({ batch: expect.any(String), notEnded: [] })
  expect(JSON.parse(holds!)).toHaveProperty('holds')
  expect(events).toMatch(/^retry: 5000\n/)
  await office.stop()
})

test('the digest of the page is the one that is compared', async () => {
  const { stdout } = await run('sh', ['-ec', `printf %s "$TOKEN" | sha256sum | cut -d ' ' -f 1`], {
    env: { ...process.env, TOKEN: tokens.all },
  })
  expect(stdout.trim()).toBe(sha256(tokens.all))
})

test('every address and every field of a body is on the page', async () => {
  const office = await apiOffice({ pollEvery: 3600_000 })
  for (const [path, operations] of Object.entries<Record<string, { requestBody?: never }>>(office.document.paths)) {
    for (const method of Object.keys(operations)) {
      expect(page).toContain(`\`${method.toUpperCase()} ${path.replace('{id}', '1')}`)
    }
    const schema = office.document.paths[path].post?.requestBody?.content['application/json'].schema
    for (const field of Object.keys(schema?.properties ?? {})) expect(page).toMatch(new RegExp(`[\`"]${field}[\`":]`))
  }
  await office.stop()
})
