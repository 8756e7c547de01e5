import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handleOn, heldScoreboard, readSlot } from '../../../../src/collectors/ftp/proftpd/scoreboard-file.js'
import { scoreboardBytes } from './scoreboard-bytes.js'

const dir = mkdtempSync(join(tmpdir(), 'scoreboards-'))
const open: number[] = []
afterEach(() => open.splice(0).forEach(closeSync))
afterAll(() => rmSync(dir, { recursive: true }))
const [NOBODY, ROOT] = [65_534, 0]

/** A file that this process has open, as a session has its scoreboard. */
function held(bytes: Buffer, { flags = 'r+', mode = 0o644, owner = ROOT } = {}): string {
  const path = join(dir, `held-${open.length}-${Math.random()}`)
  writeFileSync(path, bytes)
  chownSync(path, owner, owner)
  chmodSync(path, mode)
  open.push(openSync(path, flags))
  return path
}
const own = scoreboardBytes({}, [null, { pid: process.pid }])

const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip
describeAsRoot('the scoreboard that a process holds open', () => {
  const find = (owners = [ROOT]) => heldScoreboard(process.pid, owners)

  test('is found, with the slot, also when it was deleted', () => {
    const path = held(own)
    const found = find()!
    expect(found.slot).toBe(1)
    rmSync(path)
    expect(find()).toEqual(found)
    expect(readSlot(found.path, found.slot)).toMatchObject({ owner: ROOT, entry: { pid: process.pid } })
  })

  test.each<[string, Parameters<typeof held>[1]]>([
    ["another user's", { owner: NOBODY }],
    ['one that others may write to', { mode: 0o646 }],
    ['one that a group may write to', { mode: 0o664 }],
    ['one that is only read, as a download is', { flags: 'r' }],
    ['one that is only written, as an upload is', { flags: 'a' }],
  ])('is not %s', (_, how) => {
    held(own, how)
    expect(find()).toBeNull()
  })

  test("is another user's where the server is run by that one", () => {
    held(own, { owner: NOBODY })
    expect(find([ROOT, NOBODY])).toMatchObject({ slot: 1 })
  })

  test.each<[string, Buffer]>([
    ['of other processes', scoreboardBytes({}, [{ pid: process.ppid }])],
    ['that only begins like one', Buffer.concat([own, Buffer.from('and goes on')])],
    ['of another program', Buffer.alloc(1280, 'x')],
    ['without anything', Buffer.alloc(0)],
  ])('is no file %s', (_, bytes) => {
    held(bytes)
    expect(find()).toBeNull()
  })

  test('is no huge file, which is not read', () => {
    const path = held(own)
    // Of the right shape, with 1 TiB of free slots: nobody has the memory for it.
    truncateSync(path, 32 + 624 * 1_800_000_000)
    expect(find()).toBeNull()
    truncateSync(path, 32 + 624 * 100_000)
    expect(find()).toMatchObject({ slot: 1 })
  })

  test('is nothing that would keep us waiting', () => {
    const pipe = join(dir, 'pipe')
    execFileSync('mkfifo', [pipe])
    open.push(openSync(pipe, constants.O_RDWR), openSync('/dev/zero', 'r+'))
    expect(find()).toBeNull()
  })

  test('is told by the file itself, whatever it is called, and only of who may be looked into', () => {
    const path = held(own)
    const { file } = readSlot(path, 1)!
    const handle = handleOn(process.pid, file)
    expect(handle).toMatch(new RegExp(`^/proc/${process.pid}/fd/\\d+$`))
    renameSync(path, `${path}.1`)
    writeFileSync(path, own)
    expect(handleOn(process.pid, file)).toBe(handle)
    expect(handleOn(process.pid, readSlot(path, 1)!.file)).toBe(false)
    expect(handleOn(2 ** 22 + 1, file)).toBeNull()
    // The same number on another disk.
    expect(handleOn(process.pid, file.replace(/^\d+/, '999'))).toBe(false)
  })
})

test('a slot that is not there is none', () => {
  const path = join(dir, 'short')
  writeFileSync(path, own)
  expect(readSlot(path, 2)).toBeNull()
  expect(readSlot(join(dir, 'nowhere'), 0)).toBeNull()
})
