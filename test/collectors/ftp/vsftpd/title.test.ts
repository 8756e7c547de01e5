import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTitle } from '../../../../src/collectors/ftp/vsftpd/live-vsftpd-sessions.js'

/** The titles in what `ps -o user,pid,ppid,stime,cmd` printed. */
function captured(name: string): object[] {
  const lines = readFileSync(join('test/captures/vsftpd', `${name}.ps.txt`), 'latin1')
    .trim()
    .split('\n')
    .slice(1)
  return lines.map((line) => readTitle(line.slice(line.indexOf('vsftpd: '))))
}

const ip = '127.0.0.1'
const listener = { is: 'listener' }
const connected = { is: 'connected', ip }

describe('the titles of vsftpd', () => {
  test('before logon', () => {
    expect(captured('preauth')).toEqual([listener, connected, { is: 'not-logged-in', ip }])
  })

  test('over TLS, beside another', () => {
    expect(captured('ftps_upload')).toEqual([
      ...[listener, connected, { is: 'session', ip, login: 'carol', command: 'STOR', argument: 'up load.bin' }],
      ...[connected, { is: 'ssl-handler', ip }],
      { is: 'session', ip, login: 'carol', command: 'STOR', argument: 'sub/s.bin' },
    ])
  })

  test.each([
    ['vsftpd: ::1/alice: IDLE', { is: 'session', ip: '::1', login: 'alice', command: null, argument: '' }],
    ['vsftpd: fe80::1: connected', { is: 'connected', ip: 'fe80::1' }],
    ['vsftpd: 1.2.3.4/a: STOR b/c: IDLE', { is: 'session', login: 'a', command: 'STOR', argument: 'b/c: IDLE' }],
    ['vsftpd: 1.2.3.4/a: b: IDLE', { is: 'session', login: 'a: b', command: null }],
    ['vsftpd: 1.2.3.4/a: STOU', { is: 'session', command: 'STOU', argument: '' }],
    ['vsftpd: 1.2.3.4/ali', { is: 'unreadable' }],
    ['vsftpd: 1.2.3.4: con', { is: 'unreadable' }],
    ['vsftpd: ', { is: 'unreadable' }],
    ['/usr/sbin/vsftpd', { is: 'untitled' }],
    ['', { is: 'untitled' }],
  ])('%s', (title, expected) => {
    expect(readTitle(title)).toMatchObject(expected)
  })

  test('whatever a file is called, its session keeps address and login', () => {
    const argument = fc.string({ unit: 'binary-ascii', maxLength: 80 }).map((text) => text.replace(/[^ -~]/g, '?'))
    fc.assert(
      fc.property(argument, (file) => {
        expect(readTitle(`vsftpd: ${ip}/carol: RETR ${file}`)).toMatchObject({
          is: 'session',
          ip,
          login: 'carol',
          command: 'RETR',
        })
      }),
    )
  })
})
