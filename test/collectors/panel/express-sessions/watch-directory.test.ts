import { afterEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import session from 'express-session'
import fileStore from 'session-file-store'
import { expressSessions } from '../../../../src/collectors/panel/express-sessions/express-sessions.js'
import { until } from '../../../until.js'
import { FakeSite, list } from './fake-site.js'

const FileStore = fileStore(session)
let stop: () => Promise<unknown> | undefined = () => undefined
let path: string

afterEach(async () => {
  await stop()
  rmSync(path, { recursive: true, force: true })
})

async function watching(files: number) {
  path = mkdtempSync(join(tmpdir(), 'session-files-'))
  for (let i = 0; i < files; i++) write(`sid-${i}`)
  const source = expressSessions({ store: new FileStore({ path, reapInterval: -1 }) })
  const site = new FakeSite()
  const stopping = new AbortController()
  await list(source)
  const started = source.start!(site, stopping.signal)
  stop = () => (stopping.abort(), Promise.resolve(started))
  return { site, source }
}

const data = JSON.stringify({ cookie: { originalMaxAge: 60_000 }, adminUser: { email: 'a' }, __lastAccess: Date.now() })
const write = (sid: string) => writeFileSync(join(path, `${sid}.json`), data)

describe.each([
  ['a few files, by chokidar', 3, 3],
  ['many files, by the system', 400, 400],
  ['a few files that become many', 295, 310],
])('%s', (_what, files, later) => {
  test('a session of another process is a hint when it comes and when it goes, not when it is written anew', async () => {
    const { site, source } = await watching(files)
    let n = files
    const come = () => write(`sid-${n++}`)
    // Again and again: the watcher is ready some time after it was asked for.
    await until('a hint that sessions have come', () => (come(), site.hints > 0 && n >= later))
    expect(await list(source)).toHaveLength(n)

    const hints = site.hints
    await until('a hint that another has come', () => (come(), site.hints > hints))
    await list(source)

    const before = site.hints
    for (let i = 0; i < 15; i++) {
      write('sid-0')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    unlinkSync(join(path, 'sid-1.json'))
    await until('a hint that one has gone', () => site.hints > before)
    // The file that has gone may be told of more than once.
    expect(site.hints - before).toBeLessThan(5)
  })
})
