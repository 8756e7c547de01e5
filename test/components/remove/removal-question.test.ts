import { webcrypto } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import {
  allOf,
  byForce,
  newBatch,
  withoutRecord,
  type AskedBatch,
} from '../../../src/components/remove/removal-question.js'

const record = (id: number, params: object = { key: `key-${id}`, login: 'anna' }) =>
  ({ id: String(id), params }) as never

describe('what is asked', () => {
  const how = { reason: '  spam ', whenIdle: true, keepOut: { by: 'ip', minutes: 60 } } as const
  const all = allOf([record(1), record(2, { key: 'key-2' }), record(3, { gone: true })], how)

  test('is about every record, with what the admin saw of it', () => {
    expect(all).toEqual({
      recordIds: ['1', '2', '3'],
      question: {
        batch: expect.stringMatching(/^[0-9a-f-]{36}$/), reason: 'spam', whenIdle: true, keepOut: how.keepOut,
        sessions: [{ id: 1, key: 'key-1', login: 'anna' }, { id: 2, key: 'key-2', login: null }],
      },
    }) // prettier-ignore
    expect(allOf([], { reason: ' ' }).question.reason).toBeUndefined()
  })

  test('by force is about one of them, with the same options, under another batch', () => {
    const { recordIds, question } = byForce([all], '2')
    expect(recordIds).toEqual(['2'])
    expect(question).toEqual({
      ...all.question, batch: expect.any(String), sessions: [{ id: 2, key: 'key-2', login: null }], force: true,
    }) // prettier-ignore
    expect(question.batch).not.toBe(all.question.batch)
  })

  test('is not asked again of what is asked by force', () => {
    const forced: AskedBatch = byForce([all], '2')
    expect(withoutRecord([all], '2')).toEqual([{ ...all, recordIds: ['1', '3'] }])
    expect(withoutRecord([forced], '2')).toEqual([])
    expect(all.recordIds).toEqual(['1', '2', '3'])
  })
})

describe('a batch is', () => {
  const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

  test('a uuid where the browser makes one', () => expect(newBatch(webcrypto as Crypto)).toMatch(uuid4))

  test('a uuid where it does not: a page opened by plain http under a name', () => {
    const getRandomValues = webcrypto.getRandomValues.bind(webcrypto) as Crypto['getRandomValues']
    const batches = Array.from({ length: 200 }, () => newBatch({ getRandomValues }))
    for (const batch of batches) expect(batch).toMatch(uuid4)
    expect(new Set(batches).size).toBe(200)
  })
})
