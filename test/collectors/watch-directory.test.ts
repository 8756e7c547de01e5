import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchDirectory } from '../../src/collectors/watch-directory.js'
import { until } from '../until.js'

describe('the watch of a directory', () => {
  let parent: string
  let hints: string[]
  let stopping: AbortController
  let watching: Promise<void>
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'adminjs-sessions-watch-'))
    hints = []
    stopping = new AbortController()
  })
  afterEach(async () => {
    stopping.abort()
    await watching
    rmSync(parent, { recursive: true })
  })
  const watch = (path: string, only?: string) => {
    watching = watchDirectory(path, (name) => void hints.push(name), stopping.signal, only)
  }
  /** Until it hears of this: the watch is on from then on. */
  const heard = async (name: string, change: () => void) => {
    await until(`a hint of ${name}`, () => {
      change()
      return hints.includes(name)
    })
  }
  const write = (name: string) => () => writeFileSync(join(parent, name), `${Math.random()}`)
  const watches = () => process.getActiveResourcesInfo().filter((kind) => /^FSEvent/i.test(kind)).length

  test('names what came, changed and went', async () => {
    watch(parent)
    await heard('one', write('one'))
    hints = []
    await heard('one', write('one'))
    hints = []
    rmSync(join(parent, 'one'))
    await until('a hint of its end', () => hints.includes('one'))
  })

  test('names only the one that matters, also when it is another file', async () => {
    watch(parent, 'wanted')
    await heard('wanted', write('wanted'))
    hints = []
    write('other')()
    write('new')()
    renameSync(join(parent, 'new'), join(parent, 'wanted'))
    await until('a hint', () => hints.length > 0)
    hints = []
    await heard('wanted', write('wanted'))
    expect(new Set(hints)).toEqual(new Set(['wanted']))
  })

  test.each([undefined, 'wanted'])('waits for a directory that is not there yet (only: %s)', async (only) => {
    watch(join(parent, 'late'), only)
    await heard('wanted', () => {
      mkdirSync(join(parent, 'late'), { recursive: true })
      write('late/wanted')()
    })
  })

  test('goes on when there are many files', async () => {
    watch(parent)
    await heard('first', write('first'))
    for (let i = 0; i < 600; i++) write(`file-${i}`)()
    await heard('last', write('last'))
  })

  test('leaves no watch open, however files come and go', async () => {
    const before = watches()
    for (let round = 0; round < 60; round++) {
      const over = new AbortController()
      const watched = watchDirectory(parent, () => undefined, over.signal)
      for (let i = 0; i < 30; i++) {
        write('new')()
        if (i % 3 === 0) renameSync(join(parent, 'new'), join(parent, `file-${i % 4}`))
        if (i % 5 === 0) rmSync(join(parent, `file-${i % 4}`), { force: true })
        if (i % 7 === 0) await new Promise(setImmediate)
      }
      over.abort()
      await watched
    }
    await until('no watch', () => watches() <= before)
  })
})
