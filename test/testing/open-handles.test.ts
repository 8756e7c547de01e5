import { afterEach, expect, test } from '@jest/globals'
import { watch as chokidar } from 'chokidar'
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { OpenHandles } from '../../src/testing/open-handles.js'
import { until } from '../until.js'

const opened = new OpenHandles()
afterEach(() => opened.end())

/** Opens something a turn later, and gives what closes it. */
async function later<T>(open: () => T): Promise<T> {
  await Promise.resolve()
  return open()
}

test.each<[string, () => () => unknown]>([
  [
    'a timer',
    () =>
      (
        (timer) => () =>
          clearInterval(timer)
      )(setInterval(() => undefined, 60_000)),
  ],
  [
    'a watcher',
    () =>
      (
        (watcher) => () =>
          watcher.close()
      )(watch(tmpdir())),
  ],
  [
    'a watcher of chokidar',
    () =>
      (
        (watcher) => () =>
          watcher.close()
      )(chokidar(tmpdir(), { depth: 0 })),
  ],
  [
    'a server',
    () =>
      (
        (server) => () =>
          server.close()
      )(createServer().listen(0, '127.0.0.1')),
  ],
  [
    'a child',
    () =>
      (
        (child) => () =>
          child.kill('SIGKILL')
      )(spawn('sleep', ['60'], { stdio: 'ignore' })),
  ],
])('%s is seen until it is closed', async (_, open) => {
  const close = await opened.follow(() => later(open))
  await until('it is seen', () => opened.kinds().length > 0)
  await close()
  await until('it is gone', () => opened.kinds().length === 0)
})

test('what keeps nothing alive, and what others open, is not seen', async () => {
  const timer = setInterval(() => undefined, 60_000)
  const unheld = await opened.follow(() => later(() => setInterval(() => undefined, 60_000).unref()))
  expect(opened.kinds()).toEqual([])
  clearInterval(timer)
  clearInterval(unheld)
})
