import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { RemovalRecords } from '../../src/database/removal-records.js'
import { isSettled, movesFrom, removalMoves, removalOutcomes } from '../../src/database/removal-states.js'

test('only what is pending moves on, by the hand of whoever has taken it', () => {
  expect(removalOutcomes.filter((outcome) => !isSettled(outcome))).toEqual(['pending'])
  expect(movesFrom('pending', 'asker')).toEqual([])
  for (const outcome of removalOutcomes.filter(isSettled)) expect(movesFrom(outcome, 'taker')).toEqual([])
})

test('nobody is recorded as ended by whoever asks, and nothing goes back to pending', async () => {
  const records = new RemovalRecords({
    removals: {},
    checkInPlace: async () => {},
    changes: { changed: () => {} },
  } as never)
  const asked = { batch: 'b', recordId: 1, kind: 'ftp', removedVia: 'admin' } as const
  await expect(records.ask([{ ...asked, outcome: 'ended' }])).rejects.toThrow('No removal is asked for as ended.')
  await expect(records.settle([], 'pending', null)).rejects.toThrow('No removal ends as pending.')
})

test('the docs have the same table', () => {
  const page = readFileSync(fileURLToPath(new URL('../../docs/promises.md', import.meta.url)), 'utf8')
  const [, table] = /## What becomes of a removal\n(?:[^|]*\n)*((?:\|.*\n)+)/.exec(page)!
  const rows = table!.trim().split('\n').slice(2)
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  expect(cells).toEqual(
    removalMoves.map(({ from, to, by, when }) => [from === null ? '' : `\`${from}\``, `\`${to}\``, by, when]),
  )
})
