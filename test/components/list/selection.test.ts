import { describe, expect, test } from '@jest/globals'
import type { RecordJSON } from 'adminjs'
import {
  mostTicked,
  offPage,
  refreshed,
  type Ticks,
  toggle,
  toggleAll,
  without,
} from '../../../src/components/list/selection.js'

const row = (id: string, params = {}, bulkActions = [{ name: 'remove' }]) =>
  ({ id, params, bulkActions }) as unknown as RecordJSON
const own = row('9', {}, [])
const none: Ticks = new Map()
const ids = (ticks: Ticks) => [...ticks.keys()]
const ticked = (...rows: RecordJSON[]) => rows.reduce(toggle, none)

describe('ticks', () => {
  test('a row is ticked and unticked', () => {
    expect(ids(ticked(row('1'), row('2')))).toEqual(['1', '2'])
    expect(ids(ticked(row('1'), row('2'), row('1')))).toEqual(['2'])
  })

  test('no more are ticked than one request can end; those that were ticked before stay', () => {
    const many = Array.from({ length: mostTicked + 20 }, (_, i) => row(String(i)))
    const all = toggleAll(ticked(row('first')), many)
    expect([all.size, ids(all)[0]]).toEqual([mostTicked, 'first'])
    expect(toggle(all, row('one more')).size).toBe(mostTicked)
    expect(toggle(all, row('first')).size).toBe(mostTicked - 1)
  })

  test("all of a page are ticked but one's own, which has no checkbox", () => {
    expect(ids(toggleAll(none, [row('1'), own, row('2')]))).toEqual(['1', '2'])
  })

  test('all again unticks this page and leaves the other pages', () => {
    const before = ticked(row('77'), row('1'), row('2'))
    expect(ids(toggleAll(before, [row('1'), own, row('2')]))).toEqual(['77'])
  })

  test('all, where some are ticked, ticks the rest', () => {
    expect(ids(toggleAll(ticked(row('2')), [row('1'), row('2')]))).toEqual(['2', '1'])
  })

  test('a poll renews the ticked rows, keeps those of other pages, and drops what lost its checkbox', () => {
    const after = refreshed(ticked(row('1', { status: 'idle' }), row('77'), row('9')), [
      row('1', { status: 'busy' }),
      own,
    ])
    expect(ids(after)).toEqual(['1', '77'])
    expect(after.get('1')?.params.status).toBe('busy')
  })

  test('what is ticked but not on the page can be asked for', () => {
    expect(offPage(ticked(row('1'), row('77')), [row('1'), row('2')])).toEqual(['77'])
  })

  test('what has ended drops out', () => {
    expect(ids(without(ticked(row('1'), row('2')), ['2', '3']))).toEqual(['1'])
  })
})
