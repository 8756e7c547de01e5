import { describe, expect, test } from '@jest/globals'
import session from 'express-session'
import { expressSessions } from '../../../../src/collectors/panel/express-sessions/express-sessions.js'

const { MemoryStore, Store } = session

/** A store of the given class, with only what express-session demands of one. */
function storeOfClass(name: string, functions: object = {}) {
  const Class = { [name]: class extends Store {} }[name]! as unknown as new () => session.Store
  return Object.assign(new Class(), { get() {}, set() {}, destroy() {} }, functions)
}

describe('the options of expressSessions', () => {
  test.each([
    [
      'no store',
      {},
      'expressSessions: option "store" is missing; expected the express-session store object that the back office uses.',
    ],
    [
      'a store that is none',
      { store: { get() {} } },
      /option "store" is an object; expected the express-session store/,
    ],
    ['an empty name', { store: new MemoryStore(), name: '' }, /option "name" is ""; expected a text/],
    [
      'a session that is no function',
      { store: new MemoryStore(), session: 'adminUser' },
      /option "session" is "adminUser"; expected a function/,
    ],
    [
      'types that are no map',
      { store: new MemoryStore(), types: { admin: 1 } },
      /option "types" is an object; expected an object of role: type, both texts/,
    ],
    ['types beside session', { store: new MemoryStore(), types: {}, session: () => null }, /answer the type there/],
    [
      'an unknown option',
      { store: new MemoryStore(), stroe: 1 },
      /no option of that name: stroe; expected one of store, name, session, host, otherApp, types/,
    ],
  ])('refuses %s', (_what, options, message) => {
    expect(() => expressSessions(options as never)).toThrow(message)
    expect(() => expressSessions(options as never)).toThrow(TypeError)
  })

  test('refuses a store that has been given before', () => {
    const store = new MemoryStore()
    expressSessions({ store })
    expect(() => expressSessions({ store })).toThrow(/was given this store before/)
  })

  test('refuses stores that cannot be listed with their ids', () => {
    expect(() => expressSessions({ store: storeOfClass('MemcachedStore') })).toThrow(/MemcachedStore has no all\(\)/)
  })

  test('leaves a refused store as it was', () => {
    const store = storeOfClass('MemcachedStore')
    const { get } = store
    expect(() => expressSessions({ store })).toThrow(TypeError)
    expect(store.get).toBe(get)
  })

  test('names the source', () => {
    expect(expressSessions({ store: new MemoryStore() }).name).toBe('express-session')
    expect(expressSessions({ store: new MemoryStore(), name: 'customers' }).name).toBe('customers')
  })
})
