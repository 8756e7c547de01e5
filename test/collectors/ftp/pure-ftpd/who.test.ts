import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readWho, WhoError } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpwho.js'

const capture = (name: string) => readFileSync(join('test/captures/pure-ftpd', `${name}.who-s.txt`))

describe('what pure-ftpwho -n -s prints', () => {
  test('of a session before logon', () => {
    expect(readWho(capture('preauth'))).toEqual([
      {
        ...{ pid: 26380, account: null, state: 'IDLE', file: '', peer: '127.0.0.1', local: '127.0.0.1', port: 2131 },
        ...{ currentBytes: 0, totalBytes: 0 },
      },
    ])
  })

  test('of a download', () => {
    const [row] = readWho(capture('download'))
    expect(row).toMatchObject({ account: 'carol', state: 'DL', file: 'big.bin' })
    expect(row).toMatchObject({ currentBytes: 384 * 1024, totalBytes: 8192 * 1024 })
  })

  test('of a name with bars and quotes', () => {
    const [row] = readWho(capture('utf8_name_upload'))
    expect(row).toMatchObject({ state: 'UL', file: 'Загрузка "файл" <a&b>|上传.bin', totalBytes: 0 })
  })

  test('of nobody', () => {
    expect(readWho(Buffer.alloc(0))).toEqual([])
  })

  test.each([
    ['another program', 'total 12\ndrwxr-xr-x 2 root root 4096 .'],
    ['a field less', '26380|?|0|IDLE||127.0.0.1|127.0.0.1|2131|0|0|0'],
    ['a field more', '26380|?|0|IDLE||127.0.0.1|127.0.0.1|2131|0|0|0|0|0'],
    ['another state', '26380|?|0|RENAMING||127.0.0.1|127.0.0.1|2131|0|0|0|0'],
    ['a pid that is none', '-1|?|0|IDLE||127.0.0.1|127.0.0.1|2131|0|0|0|0'],
    ['a line that was cut off', '26380|?|0|IDLE||127.0.0.1'],
  ])('is refused with %s', (_, text) => {
    expect(() => readWho(Buffer.from(text))).toThrow(WhoError)
    expect(() => readWho(Buffer.from(text))).toThrow(/line 1 is .* 12 fields were expected/)
  })

  test('whatever a name holds, it comes through, and its neighbours with it', () => {
    const escaped = (name: Buffer) => Buffer.from(name.toString('latin1').replace(/[|\\]/g, '\\$&'), 'latin1')
    const printable = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => {
      // pure-ftpwho puts `_` for control characters.
      return Buffer.from(bytes.map((byte) => (byte < 32 || byte === 127 ? 95 : byte)))
    })
    fc.assert(
      fc.property(printable, printable, (account, file) => {
        fc.pre(account.toString('latin1') !== '?')
        const around = [Buffer.from('7|'), escaped(account), Buffer.from('|1| UL |'), escaped(file)]
        const line = Buffer.concat([...around, Buffer.from('|::1|::1|21|3|0|0|0\n')])
        const [row] = readWho(line)
        expect(row).toMatchObject({ pid: 7, state: 'UL', peer: '::1', port: 21, currentBytes: 3072 })
        expect(row!.account).not.toBe('')
        expect(row!.file).not.toBe('')
      }),
    )
  })

  test('any bytes are read or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          readWho(Buffer.from(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(WhoError)
        }
      }),
    )
  })
})
