import { describe, expect, jest, test } from '@jest/globals'
import { liveSessions, type Titled } from '../../../../src/collectors/ftp/vsftpd/live-vsftpd-sessions.js'
import { readTitle } from '../../../../src/collectors/ftp/vsftpd/live-vsftpd-sessions.js'
import { vsftpd, type VsftpdOptions } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'

const signal = new AbortController().signal

const MALLORY = 2 ** 31
/** A process that runs vsftpd: its pid, its parent's, what it calls itself, and whose it is. */
const one = (pid: number, parent: number, title: string, uid = 0): Titled => ({
  stat: { pid, comm: 'vsftpd', parent, startTicks: pid, kernelSession: 1 },
  title: readTitle(title),
  uid,
})
const said = (...found: Titled[]) =>
  liveSessions(async () => found)(signal).then(
    (sessions) => sessions.map(({ parent }) => parent.pid),
    (error: Error) => error.message,
  )

const listener = one(10, 1, 'vsftpd: LISTENER')
const session = [one(20, 10, 'vsftpd: ::1: connected', MALLORY), one(21, 20, 'vsftpd: ::1/alice: IDLE', MALLORY)]

describe('a list that cannot be had', () => {
  test('not installed, or not running', async () => {
    expect(await said()).toMatch(
      /^vsftpd does not run: .* Start it\. .*container, let the back office share its PID namespace/,
    )
  })

  test('without titles', async () => {
    const untitled = /does not say what it does\. Set setproctitle_enable=YES in each vsftpd\.conf, and restart vsftpd/
    expect(await said(one(10, 1, '/usr/sbin/vsftpd'))).toMatch(untitled)
    // One of two servers: half of the sessions would be missing.
    expect(await said(listener, ...session, one(30, 1, '/usr/sbin/vsftpd'))).toMatch(untitled)
  })

  test('through inetd', async () => {
    const top = one(20, 5, 'vsftpd: ::1: connected')
    expect(await said(top, one(21, 20, 'vsftpd: ::1/alice: IDLE', MALLORY))).toMatch(/listen=YES .* not through inetd/)
  })
})

describe('who calls a process vsftpd', () => {
  test('is no session of it', async () => {
    expect(await said(listener, ...session, one(30, 5, 'vsftpd: 192.0.2.1/root: IDLE', MALLORY))).toEqual([20])
  })

  test('is no listener of it', async () => {
    const mallory = [one(30, 5, 'vsftpd: LISTENER', MALLORY), one(31, 30, 'vsftpd: 192.0.2.1: connected', MALLORY)]
    expect(await said(listener, ...session, ...mallory)).toEqual([20])
    expect(await said(...mallory)).toMatch(/runs as user \d+ \(process 30\), which anybody could pass for/)
  })

  test("is one where it is the back office's own user, and not where that is nobody in particular", async () => {
    const own = jest.spyOn(process, 'getuid')
    for (const [uid, pids] of [
      [1042, [31]],
      [65_534, expect.stringMatching(/runs as user 65534/)],
    ] as const) {
      own.mockReturnValue(uid)
      expect(await said(one(30, 1, 'vsftpd: LISTENER', uid), one(31, 30, 'vsftpd: ::1: connected', uid))).toEqual(pids)
    }
    own.mockRestore()
  })

  test('does not keep the list from being had', async () => {
    expect(await said(listener, ...session, one(30, 5, 'anything', MALLORY))).toEqual([20])
  })
})

describe('processes in between', () => {
  test('one that is only just made has its listener’s title, and is no session yet', async () => {
    expect(await said(listener, one(20, 10, 'vsftpd: LISTENER'))).toEqual([])
  })

  test('one whose title was cut off is there, and cannot be read', async () => {
    const find = liveSessions(async () => [listener, session[0]!, one(21, 20, 'vsftpd: ::1/al', MALLORY)])
    expect(await find(signal)).toMatchObject([{ parent: { pid: 20 }, title: { is: 'unreadable' }, ip: '::1' }])
  })

  test('one that outlives its listener is an orphan while it is known', async () => {
    let found = [listener, ...session]
    const find = liveSessions(async () => found)
    expect(await find(signal)).toMatchObject([{ orphaned: false }])
    found = session
    expect(await find(signal)).toMatchObject([{ orphaned: true, title: { login: 'alice' } }])
    found = []
    await expect(find(signal)).rejects.toThrow(/does not run/)
  })

  test('one whose parent hangs when it has ended is still the session of its login', async () => {
    let found = [listener, ...session]
    const find = liveSessions(async () => found)
    await find(signal)
    found = [listener, session[0]!]
    for (let look = 0; look < 2; look++)
      expect(await find(signal)).toMatchObject([
        { login: 'alice', ip: '::1', title: { is: 'connected' }, child: { pid: 20 } },
      ])
    // Another one in its place is nobody's yet.
    found = [listener, { ...session[0]!, stat: { ...session[0]!.stat, startTicks: 99 } }]
    expect(await find(signal)).toMatchObject([{ login: null }])
  })
})

test.each([
  [{ name: 7 }, /vsftpd: option "name" is 7; expected a text of 1 to 64 characters/],
  [{ anonymous: [''] }, /"anonymous.0" is ""; expected a login/],
  [{ accounts: 'all' }, /"accounts" is "all"; expected a function/],
  [{ config: '/etc/vsftpd.conf' }, /no option of that name: config/],
])('a wrong option: %j', (options, message) => {
  expect(() => vsftpd(options as unknown as VsftpdOptions)).toThrow(TypeError)
  expect(() => vsftpd(options as unknown as VsftpdOptions)).toThrow(message)
})
