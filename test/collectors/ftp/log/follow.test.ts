import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { followLog } from '../../../../src/collectors/ftp/log/follow-log.js'

const { signal } = new AbortController()
let directory: string
let log: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'follow-'))
  log = join(directory, 'ftp.log')
})
afterEach(() => rmSync(directory, { recursive: true }))

function follow({ path = log, encoding = null as string | null, readBack = 1 << 20 } = {}) {
  const lines: string[] = []
  const reader = () => (line: string, decode: (cut: string) => string) => void lines.push(decode(line))
  const look = followLog({ path, encoding, readBack, reader })
  return { look: () => look(signal), lines }
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i} of a log that is followed from here to there`)
const text = (from: number, to: number) =>
  numbers(from, to)
    .map((line) => `${line}\n`)
    .join('')

test('reads what is there, then what is added, and a line only when it is whole', async () => {
  writeFileSync(log, text(0, 3) + 'line 3 of a log ')
  const { look, lines } = follow()
  await look()
  expect(lines).toEqual(numbers(0, 3))
  appendFileSync(log, 'that is followed from here to there\r\n\n')
  await look()
  expect(lines).toEqual(numbers(0, 4))
})

test('rotation by renaming: the rest of the old file, then the new one', async () => {
  writeFileSync(log, text(0, 5))
  const { look, lines } = follow()
  await look()
  appendFileSync(log, text(5, 8))
  renameSync(log, `${log}.1`)
  writeFileSync(log, text(8, 9))
  await look()
  appendFileSync(log, text(9, 10))
  await look()
  expect(lines).toEqual(numbers(0, 10))
})

test('rotation by copying and emptying: the rest is read from the copy', async () => {
  writeFileSync(log, text(0, 5))
  const { look, lines } = follow()
  await look()
  appendFileSync(log, text(5, 8))
  copyFileSync(log, `${log}.1`)
  truncateSync(log)
  appendFileSync(log, text(8, 9))
  await look()
  expect(lines).toEqual(numbers(0, 9))
})

test('a copy that stands there for a while is read but once, also when the log outgrows it before it is emptied', async () => {
  writeFileSync(log, text(0, 5))
  const { look, lines } = follow()
  await look()
  copyFileSync(log, `${log}.1`)
  await look()
  await look()
  expect(lines).toEqual(numbers(0, 5))
  // Emptied and grown beyond what it was, between two looks.
  writeFileSync(log, text(5, 20))
  await look()
  await look()
  expect(lines).toEqual(numbers(0, 20))
})

test('a server that goes on where it was in an emptied file leaves a hole, which is passed over', async () => {
  writeFileSync(log, text(0, 5))
  const { look, lines } = follow()
  await look()
  writeFileSync(log, Buffer.concat([Buffer.alloc(300_000), Buffer.from(text(5, 7))]))
  await look()
  expect(lines).toEqual(numbers(0, 7))
})

test('rotation by date in the name', async () => {
  const path = join(directory, 'ftp-*.log')
  writeFileSync(join(directory, 'ftp-2026-11-22.log'), text(0, 3))
  writeFileSync(join(directory, 'other-2026-11-22.log'), 'not ours\n')
  const { look, lines } = follow({ path })
  await look()
  appendFileSync(join(directory, 'ftp-2026-11-22.log'), text(3, 4))
  writeFileSync(join(directory, 'ftp-2026-11-23.log'), text(4, 6))
  await look()
  expect(lines).toEqual(numbers(0, 6))
})

test('files that begin alike are not taken for copies', async () => {
  const path = join(directory, '*.log')
  const header = `${'#'.repeat(100)}\n`
  writeFileSync(join(directory, 'a.log'), header)
  const { look, lines } = follow({ path })
  await look()
  writeFileSync(join(directory, 'b.log'), header)
  await look()
  appendFileSync(join(directory, 'b.log'), text(0, 2))
  await look()
  expect(lines.filter((line) => !line.startsWith('#'))).toEqual(numbers(0, 2))
})

test('started in the middle: as much as is to be read back, from a whole line on, the older file first', async () => {
  writeFileSync(`${log}.1`, text(0, 100))
  utimesSync(`${log}.1`, 1000, 1000)
  writeFileSync(log, text(100, 110))
  writeFileSync(`${log}.2.gz`, 'packed')
  const size = text(100, 110).length
  const { look, lines } = follow({ readBack: size + 200 })
  await look()
  expect(lines).toEqual(numbers(100 - Math.floor(200 / text(99, 100).length), 110))
  const none = follow({ readBack: 0 })
  await none.look()
  expect(none.lines).toEqual([])
  appendFileSync(log, text(110, 111))
  await none.look()
  expect(none.lines).toEqual(numbers(110, 111))
})

test('the lines at the beginning that say how to read the others are read wherever it starts', async () => {
  writeFileSync(log, `#Fields: a b\n${text(0, 50)}`)
  const { look, lines } = follow({ readBack: 120 })
  await look()
  expect(lines[0]).toBe('#Fields: a b')
  expect(lines.slice(1)).toEqual(numbers(48, 50))
})

test('a log that vanishes is an error, and goes on when it is back', async () => {
  writeFileSync(log, text(0, 1))
  const { look, lines } = follow()
  await look()
  unlinkSync(log)
  await expect(look()).rejects.toThrow(/There is no log at .*ftp\.log\. Is the path right/)
  writeFileSync(log, text(1, 2))
  await look()
  expect(lines).toEqual(numbers(0, 2))
})

describe('encodings', () => {
  const written = 'Grüße/Загрузка\r\nzwei\r\n'
  test.each([
    ['UTF-8', null, Buffer.from(written)],
    ['UTF-8 with a mark', null, Buffer.from(`\ufeff${written}`)],
    ['UTF-16 with a mark', null, Buffer.from(`\ufeff${written}`, 'utf16le')],
    ['UTF-16 that was asked for', 'utf-16le', Buffer.from(written, 'utf16le')],
  ])('%s', async (_, encoding, bytes) => {
    writeFileSync(log, '')
    const { look, lines } = follow({ encoding })
    // In pieces of three bytes: through characters, through the mark, through the end of a line.
    for (let at = 0; at < bytes.length; at += 3) {
      appendFileSync(log, bytes.subarray(at, at + 3))
      await look()
    }
    expect(lines).toEqual(['Grüße/Загрузка', 'zwei'])
  })

  test('what is no UTF-8 is ISO 8859-1, or what was said', async () => {
    writeFileSync(log, Buffer.from([0x80, 0xe9, 0x0a]))
    const guessed = follow()
    const said = follow({ encoding: 'windows-1252' })
    await guessed.look()
    await said.look()
    expect([guessed.lines, said.lines]).toEqual([['\ufffdé'], ['€é']])
  })

  test('UTF-16, started in the middle', async () => {
    writeFileSync(log, Buffer.from(`\ufeff${text(0, 20)}`, 'utf16le'))
    const { look, lines } = follow({ readBack: 2 * text(0, 2).length + 21 })
    await look()
    expect(lines).toEqual(numbers(18, 20))
  })
})

test('a line without end takes no memory, and what follows it is read', async () => {
  writeFileSync(log, `${'x'.repeat(3 << 20)}\n${text(0, 2)}`)
  const { look, lines } = follow({ readBack: 8 << 20 })
  await look()
  expect(lines).toEqual(['', ...numbers(0, 2)])
})

test.each(['rename', 'copytruncate'])(
  'nothing is lost or doubled while a program writes and rotates: %s',
  async (how) => {
    const writer = spawn(process.execPath, ['-e', WRITER, log, how], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(writer, 'exit')
    let isOver = false
    void ended.then(() => (isOver = true))
    let isAsked = false
    writer.stdout.on('data', () => (isAsked = true))
    const { look, lines } = follow()
    while (!isOver) {
      const goesOn = isAsked
      await look().catch(() => undefined)
      if (!goesOn) continue
      isAsked = false
      writer.stdin.write('.')
    }
    expect(await ended).toEqual([0, null])
    await look()
    const order = lines.map((line) => Number(line.split(' ')[1]))
    expect(order.flatMap((number, i) => (number === (order[i - 1] ?? -1) + 1 ? [] : [[order[i - 1], number]]))).toEqual(
      [],
    )
    expect(order).toHaveLength(3000)
  },
)

/** Writes 3,000 lines, rotating after each 500 of them as logrotate does, five files being kept. */
const WRITER = `
  const fs = require('node:fs')
  const [log, how] = process.argv.slice(1)
  const isLooked = () => {
    fs.writeSync(1, '?')
    fs.readSync(0, Buffer.alloc(1))
  }
  for (let i = 0; i < 3000; i++) {
    fs.appendFileSync(log, 'line ' + i + ' of a log that is followed from here to there\\n')
    // Nobody rotates faster than it is looked.
    if (i % 500 === 250) isLooked()
    if (i % 500 !== 499) continue
    for (let n = 5; n > 1; n--) if (fs.existsSync(log + '.' + (n - 1))) fs.renameSync(log + '.' + (n - 1), log + '.' + n)
    if (how === 'rename') fs.renameSync(log, log + '.1')
    else {
      fs.copyFileSync(log, log + '.1')
      fs.truncateSync(log)
    }
    // Nor is a log as long again as it was before the look is over.
    isLooked()
  }
`
