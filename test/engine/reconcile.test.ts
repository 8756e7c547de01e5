import { describe, expect, test } from '@jest/globals'
import { difference } from '../../src/collectors/engine/reconcile.js'
import type { Difference, Kept } from '../../src/database/session-rows.js'
import { fieldsOf, type ftpFields } from '../../src/session-fields.js'
import { rowValue } from '../../src/text/stored-value.js'
import type { ListedFtpSession } from '../../src/session-source.js'

/** Rows kept over several looks, as a collector keeps them. */
function rows(kept = new Map<string, Kept>()) {
  return {
    kept,
    look(listed: ListedFtpSession[], atMs = 0): Difference {
      const work = difference(kept, listed, 'ftp', atMs)
      let step = work.next()
      while (!step.done) step = work.next()
      for (const key of step.value.gone) kept.delete(key)
      for (const [key, row] of step.value.written) kept.set(key, row)
      return step.value
    },
    value: (key: string, field: keyof typeof ftpFields) => kept.get(key)?.values[fieldsOf('ftp').indexOf(field)],
  }
}

describe('comparing a list with the rows', () => {
  test('writes what is new, nothing that is unchanged, only what changed, and drops what is gone', () => {
    const table = rows()
    expect([...table.look([{ key: 'a', login: 'x' }, { key: 'b' }]).written.keys()]).toEqual(['a', 'b'])
    expect(table.look([{ key: 'b' }, { key: 'a', login: 'x' }])).toMatchObject({ written: new Map(), gone: [] })
    expect([...table.look([{ key: 'a', login: 'y' }, { key: 'b' }]).written.keys()]).toEqual(['a'])
    expect(table.look([{ key: 'b' }]).gone).toEqual(['a'])
  })

  test('a field that is left out keeps its value; null unsays it', () => {
    const table = rows()
    table.look([{ key: 'a', location: '/home', status: 'idle' }])
    table.look([{ key: 'a', status: 'busy' }])
    expect(table.value('a', 'location')).toBe('/home')
    table.look([{ key: 'a', location: null }])
    expect(table.value('a', 'location')).toBeNull()
    expect(table.value('a', 'condition')).toBe('normal')
  })

  test('a process that has seen an earlier request than the row tells of does not take that back', () => {
    const table = rows()
    const seen = (time: string, ip: string) => [{ key: 'a', lastActiveAt: new Date(time), ip }]
    table.look(seen('2026-01-01T10:00:10Z', '192.0.2.2'))
    expect(table.look(seen('2026-01-01T10:00:05Z', '192.0.2.1')).written.size).toBe(0)
    table.look(seen('2026-01-01T10:00:15Z', '192.0.2.1'))
    expect(table.value('a', 'ip')).toBe('192.0.2.1')
  })

  test('times are kept to the second, so a source with milliseconds does not write on every look', () => {
    const table = rows()
    table.look([{ key: 'a', lastActiveAt: new Date('2026-01-01T10:00:00.100Z') }])
    expect(table.look([{ key: 'a', lastActiveAt: new Date('2026-01-01T10:00:00.900Z') }]).written.size).toBe(0)
    expect(table.value('a', 'lastActiveAt')).toEqual(new Date('2026-01-01T10:00:00.000Z'))
  })

  test('speed comes from bytes over at least a second, and starts anew with another transfer', () => {
    const table = rows()
    const upload = (transferredBytes: number | null, fileName = 'a.bin'): ListedFtpSession[] => [
      { key: 'a', status: 'uploading', fileName, transferredBytes },
    ]
    table.look(upload(1000), 0)
    expect(table.value('a', 'bytesPerSecond')).toBeNull()
    table.look(upload(1500), 500)
    expect(table.value('a', 'bytesPerSecond')).toBeNull()
    table.look(upload(5000), 2000)
    expect(table.value('a', 'bytesPerSecond')).toBe(2000)
    table.look(upload(5100), 2500)
    expect(table.value('a', 'bytesPerSecond')).toBe(2000)
    table.look(upload(5000), 4000) // fewer bytes than before: the next file of the same name
    expect(table.value('a', 'bytesPerSecond')).toBeNull()
    table.look(upload(9000, 'b.bin'), 6000)
    expect(table.value('a', 'bytesPerSecond')).toBeNull()
    table.look(upload(null, 'b.bin'), 8000)
    expect(table.value('a', 'bytesPerSecond')).toBeNull()
  })

  test('a stalled transfer slows to nothing', () => {
    const table = rows()
    const at = (transferredBytes: number): ListedFtpSession[] => [
      { key: 'a', status: 'downloading', fileName: 'f', transferredBytes },
    ]
    table.look(at(0), 0)
    table.look(at(1000), 1000)
    expect(table.value('a', 'bytesPerSecond')).toBe(1000)
    table.look(at(1000), 2000)
    expect(table.value('a', 'bytesPerSecond')).toBe(0)
  })

  test('what was moved is what was seen to grow: never more than it was, whatever a transfer began with', () => {
    const table = rows()
    const look = (transferredBytes?: number | null, fileName = 'a.bin', status: 'uploading' | 'idle' = 'uploading') => {
      table.look([{ key: 'a', status, fileName, transferredBytes }])
      return table.value('a', 'movedBytes')
    }
    expect(look()).toBeNull()
    expect(look(null)).toBeNull()
    // It may be resumed.
    expect(look(1_000_000)).toBe(0)
    expect(look(1_000_500)).toBe(500)
    expect(look(1_000_500)).toBe(500)
    expect(look(null, 'a.bin', 'idle')).toBe(500)
    expect(look(100)).toBe(500)
    expect(look(400)).toBe(800)
    expect(look(50)).toBe(800) // fewer bytes than before: the next file of the same name
    expect(look(9000, 'b.bin')).toBe(800)
    expect(look(9001, 'b.bin')).toBe(801)
    expect(look(undefined, 'b.bin')).toBe(801)
    expect(look(NaN, 'b.bin')).toBe(801)
  })

  test('what was moved goes on after a restart, where the row knew how far it was', () => {
    const before = rows()
    const at = (transferredBytes: number): ListedFtpSession[] => [
      { key: 'a', status: 'downloading', fileName: 'f', transferredBytes },
    ]
    before.look(at(100))
    before.look(at(300))
    const { values } = before.kept.get('a')!
    const after = rows(new Map([['a', { values, seenIn: 0, sample: undefined }]]))
    after.look(at(1000))
    expect(after.value('a', 'movedBytes')).toBe(900)
  })

  test('progress is the whole per cent of a download whose size is known, and of nothing else', () => {
    const table = rows()
    const progress = (session: Partial<ListedFtpSession>) => {
      table.look([{ key: 'a', ...session }])
      return table.value('a', 'progress')
    }
    expect(progress({ status: 'downloading', transferredBytes: 999, totalBytes: 1000 })).toBe(99)
    expect(progress({ status: 'downloading', transferredBytes: 2000, totalBytes: 1000 })).toBe(100)
    expect(progress({ status: 'downloading', transferredBytes: 5, totalBytes: 0 })).toBeNull()
    expect(progress({ status: 'downloading', transferredBytes: null, totalBytes: 10 })).toBeNull()
    expect(progress({ status: 'uploading', transferredBytes: 5, totalBytes: 10 })).toBeNull()
  })

  test.each([
    ['no key', [{ login: 'x' }], /whose key is undefined/],
    ['an empty key', [{ key: '' }], /0 characters/],
    ['a long key', [{ key: 'k'.repeat(192) }], /192 characters/],
    ['one key twice', [{ key: 'a' }, { key: 'a' }], /two sessions with the key "a"/],
    ['no session at all', [null], /whose key is undefined/],
  ])('refuses a list with %s', (_, listed, message) => {
    expect(() => rows().look(listed as never)).toThrow(message)
  })

  test('an unchanged session makes nothing that is kept: the sample of its transfer moves on in its place', () => {
    const kept = new Map<string, Kept>()
    const look = (transferredBytes: number, atMs: number) => {
      const work = difference(kept, [{ key: 'a', status: 'uploading', transferredBytes }], 'ftp', atMs)
      let step = work.next()
      while (!step.done) step = work.next()
      for (const [key, row] of step.value.written) kept.set(key, row)
      return kept.get('a')!
    }
    look(0, 0)
    look(0, 1000)
    const { sample } = look(0, 2000)
    expect(look(0, 3500).sample).toBe(sample)
    expect(sample).toEqual({ bytes: 0, atMs: 3500 })
    expect(look(500, 4500).values[fieldsOf('ftp').indexOf('bytesPerSecond')]).toBe(500)
  })

  test('can be interrupted after every hundred sessions, listed or gone', () => {
    const kept = new Map<string, Kept>()
    const pauses = (listed: ListedFtpSession[]) => {
      const work = difference(kept, listed, 'ftp', 0)
      for (let count = 0; ; count++) {
        const step = work.next()
        if (!step.done) continue
        for (const [key, row] of step.value.written) kept.set(key, row)
        return count
      }
    }
    expect(pauses(Array.from({ length: 10_050 }, (_, i) => ({ key: String(i) })))).toBe(100)
    expect(pauses([])).toBe(100)
  })
})

describe('a value as a row holds it', () => {
  test.each([
    ['NUL, which PostgreSQL does not take', 'a\0b', 'a\u2400b'],
    ['a lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['a long text', 'x'.repeat(5000), 'x'.repeat(4096)],
    ['a number that is none', NaN, null],
    ['a time that is none', new Date(NaN), null],
    ['something else', { a: 1 }, null],
  ])('%s', (_, given, kept) => expect(rowValue(given)).toEqual(kept))
})
