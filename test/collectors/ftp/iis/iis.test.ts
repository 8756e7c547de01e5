import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RemovalRefused } from '../../../../src/session-source.js'
import { iisFtp } from '../../../../src/collectors/ftp/iis/iis-ftp.js'

const { signal } = new AbortController()
const directory = mkdtempSync(join(tmpdir(), 'iis-'))
const log = join(directory, 'u_ex261123.log')
const id = '5242ddb2-95f5-43b1-b19d-6173e04ac6f0'
afterAll(() => rmSync(directory, { recursive: true }))
beforeEach(() => {
  const fields =
    'c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath'
  writeFileSync(log, `#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time ${fields}\r\n`)
})

const write = (...lines: [minutesAgo: number, user: string, rest: string, path: string][]) => {
  for (const [minutes, user, rest, path] of lines) {
    const [date, time] = new Date(Date.now() - minutes * 60_000).toISOString().split(/[T.]/)
    appendFileSync(log, `${date} ${time} 10.210.3.48 ${user} 10.210.1.234 ${rest} 0 0 ${id} ${path}\r\n`)
  }
}

test('a session as IIS logs it, each command when it is over', async () => {
  const ftp = iisFtp({ log: join(directory, 'u_ex*.log') })
  write([9, '-', '21 ControlChannelOpened - -', '-'], [9, '-', '21 USER ann 331', '-'])
  expect(await ftp.list(signal)).toMatchObject([{ login: null, status: 'authenticating', ip: '10.210.3.48' }])
  write([8, '-', '21 PASS *** 530', '-'])
  expect(await ftp.list(signal)).toMatchObject([{ login: null, status: 'authenticating' }])
  write(
    [7, 'SRV\\Ann', '21 PASS *** 230', '/'],
    [6, 'SRV\\Ann', '21 CWD in 250', '/in'],
    [5, 'SRV\\Ann', '21 PASV - 227', '-'],
  )
  expect(await ftp.list(signal)).toMatchObject([{ login: 'SRV\\Ann', status: 'idle', location: '/in' }])
  write([4, 'SRV\\Ann', '57348 DataChannelOpened - -', '-'])
  // Which way, and which file, is logged at its end only.
  expect(await ftp.list(signal)).toMatchObject([{ status: 'busy', fileName: null, transferredBytes: null }])
  write([3, 'SRV\\Ann', '57348 DataChannelClosed - -', '-'], [3, 'SRV\\Ann', '21 STOR a+b 226', '/in/a+b'])
  write([2, 'SRV\\Ann', '21 QUIT - 221', '-'])
  const [session] = await ftp.list(signal)
  expect(session).toMatchObject({ status: 'idle', location: '/in', handle: { session: id, serverPort: 21 } })
  expect(Math.round((Date.now() - session!.connectedAt!.getTime()) / 60_000)).toBe(9)
  write([1, 'SRV\\Ann', '21 ControlChannelClosed - -', '-'])
  expect(await ftp.list(signal)).toEqual([])
  expect(ftp.unread().lines).toBe(0)
})

test('the end: by the id of the session, on Windows', async () => {
  const ftp = iisFtp({ log })
  write([0, '-', '21 ControlChannelOpened - -', '-'])
  const [session] = await ftp.list(signal)
  const without = { ...session!, handle: { ...(session!.handle as object), session: '7; rm' } }
  await expect(ftp.end(without, signal)).rejects.toThrow(/has no x-session/)
  if (process.platform === 'win32') return
  await expect(ftp.end(session!, signal)).rejects.toThrow(RemovalRefused)
  await expect(ftp.end(session!, signal)).rejects.toThrow(/only on the Windows machine/)
})
