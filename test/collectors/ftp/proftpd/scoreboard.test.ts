import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { readEntries, readHeader, ScoreboardError } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { scoreboardBytes, type Slot } from './scoreboard-bytes.js'

const captures = new URL('../../../captures/proftpd/', import.meta.url)
const only = (slot: Slot) => [...readEntries(scoreboardBytes({}, [slot]))][0]!

describe('the scoreboard', () => {
  test('a header', () => {
    expect(readHeader(scoreboardBytes({ masterPid: 42, startedAt: 1_700_000_000 }, []))).toEqual({
      ...{ masterPid: 42, startedAt: 1_700_000_000 },
    })
  })

  test('a slot, and free ones between', () => {
    const bytes = scoreboardBytes({}, [
      null,
      { pid: 7, user: 'bob', command: 'RETR', argument: 'a b', transferSize: 5e12, transferDone: 3, transferLength: 4 },
      null,
    ])
    expect([...readEntries(bytes)]).toEqual([
      {
        ...{
          slot: 1,
          pid: 7,
          user: 'bob',
          userCut: false,
          clientName: '',
          serverLabel: 'Main host',
          clientAddress: '192.0.2.7',
          protocol: 'ftp',
        },
        ...{ cwd: '/', cwdCut: false, command: 'RETR', argument: 'a b', argumentCut: false },
        ...{ idleSince: 1_700_000_100, beganAt: 1_700_000_050, plausible: true },
        ...{ transferSize: 5e12, transferDone: 3, transferLength: 4 },
      },
    ])
  })

  test.each(readdirSync(captures))('%s, written by ProFTPD 1.3.8', (name) => {
    const bytes = readFileSync(new URL(name, captures))
    expect(readHeader(bytes)).toMatchObject({ masterPid: 7586, startedAt: 1_795_427_703 })
    const entries = [...readEntries(bytes)]
    expect(entries.every(({ plausible }) => plausible)).toBe(true)
    expect(
      entries.map(({ user, protocol, cwd, command, argument }) => [user, protocol, cwd, command, argument]),
    ).toMatchSnapshot()
  })

  test.each([
    ['empty', Buffer.alloc(0), /is empty/],
    ['cut in its header', scoreboardBytes({}, []).subarray(0, 20), /ends after 20 bytes, in the middle of its header/],
    ['cut in a slot', scoreboardBytes({}, [{ pid: 7 }, { pid: 8 }]).subarray(0, 756), /100 bytes into slot 1/],
    ['not a scoreboard', Buffer.from('#!/bin/sh\necho this is a script\n'), /begins with 0x.* begins with 0xdeadbeef/],
    ['of another version', withVersion(0x01040004n), /version 0x1040004, where 0x1040003 was expected/],
  ])('a file that is %s', (_, bytes, message) => {
    expect(() => readHeader(bytes)).toThrow(ScoreboardError)
    expect(() => readHeader(bytes)).toThrow(message)
  })

  test('names: UTF-8, not UTF-8, control characters, cut in the middle of a character', () => {
    expect(only({ pid: 7, argument: 'Загрузка 上' }).argument).toBe('Загрузка 上')
    expect(only({ pid: 7, argument: Buffer.from('caf\xe9', 'latin1') }).argument).toBe('café')
    expect(only({ pid: 7, argument: 'a\nb\x1b[2J\x7f' }).argument).toBe('a␊b␛[2J␡')
    expect(only({ pid: 7, user: 'я'.repeat(20) })).toMatchObject({ user: 'я'.repeat(15), plausible: true })
    expect(only({ pid: 7, cwd: '/' + 'a'.repeat(100) })).toMatchObject({ cwd: '/' + 'a'.repeat(78), cwdCut: true })
  })

  test.each<[string, Partial<Slot>]>([
    ['a connection from the day after tomorrow', { beganAt: Date.now() / 1000 + 2 * 86_400 }],
    ['one that never began', { beganAt: 0 }],
    ['one that was idle before 1970', { idleSince: -1 }],
    ['a negative size', { transferDone: -5 }],
    ['no user at all', { user: '' }],
    ['a pid that is none', { pid: -7 }],
  ])('%s makes an entry implausible and the others none', (_, wrong) => {
    const entries = [
      ...readEntries(scoreboardBytes({}, [{ pid: 7, ...wrong, beganAt: Math.floor(wrong.beganAt ?? 9) }, { pid: 8 }])),
    ]
    expect(entries.map(({ plausible }) => plausible)).toEqual([false, true])
  })

  test('a text without its end makes an entry implausible', () => {
    const bytes = scoreboardBytes({}, [{ pid: 7 }])
    bytes.fill('x', 32 + 350, 32 + 430)
    expect([...readEntries(bytes)][0]!.plausible).toBe(false)
  })

  test('any bytes at all are read, or refused with its own error', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      // A right header, so that the slots are reached.
      fc
        .uint8Array({ minLength: 624, maxLength: 1248 })
        .map((slots) => Buffer.concat([scoreboardBytes({}, []), slots])),
      fc
        .uint8Array({ minLength: 624, maxLength: 624 })
        .map((slot) => Buffer.concat([scoreboardBytes({}, [{ pid: 9 }]), slot])),
    )
    fc.assert(
      fc.property(anything, (bytes) => {
        const file = Buffer.from(bytes)
        try {
          readHeader(file)
        } catch (error) {
          expect(error).toBeInstanceOf(ScoreboardError)
          return
        }
        for (const entry of readEntries(file)) {
          // eslint-disable-next-line no-control-regex -- none of these may be left
          expect(Object.values(entry).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
          expect(JSON.stringify(entry)).toBeTruthy()
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function withVersion(version: bigint): Buffer {
  const bytes = scoreboardBytes({}, [])
  bytes.writeBigUInt64LE(version, 8)
  return bytes
}
