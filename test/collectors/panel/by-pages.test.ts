import { expect, test } from '@jest/globals'
import { byPages, pageSize } from '../../../src/collectors/panel/by-pages.js'

const session = { cookie: {} } as never
const full = Array.from({ length: pageSize }, (_, i) => ({ sid: `sid-${i}`, session, expiresAt: null }))

test('a page that fails does not show the session id that it begins after', async () => {
  const asked: string[] = []
  const failing = byPages(new AbortController().signal, async (after) => {
    asked.push(after)
    if (after === '') return full
    throw new Error(`select * from sessions where sid > '${after}' - SQLITE_BUSY`)
  })
  await expect(failing).rejects.toThrow("where sid > '(session id)' - SQLITE_BUSY")
  expect(asked).toEqual(['', `sid-${pageSize - 1}`])
})

test('stops between two pages when its signal says so', async () => {
  const stop = new AbortController()
  const stopped = byPages(stop.signal, async () => {
    stop.abort(new Error('too late'))
    return full
  })
  await expect(stopped).rejects.toThrow('too late')
})
