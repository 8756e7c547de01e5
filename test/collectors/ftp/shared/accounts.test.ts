import { expect, jest, test } from '@jest/globals'
import { accountWarnings, type FtpAccount, ownerOf, ownersOf } from '../../../../src/collectors/ftp/shared/accounts.js'

const { signal } = new AbortController()
const sessions = [{ key: '1', login: 'alice' }]

test('an account that is not known yet leaves out type and domain, and is asked for at each look until it is', async () => {
  const warned = jest.spyOn(process, 'emitWarning')
  let account: FtpAccount = { type: null, domain: 'example.org' }
  const accounts = jest.fn(() => account)
  const addOwners = ownersOf('ftpd', { accounts })
  expect(await addOwners(sessions, signal)).toEqual(sessions)
  expect(await addOwners(sessions, signal)).toEqual(sessions)
  account = { type: 'web-user', domain: 'example.org' }
  const known = [{ ...sessions[0], ...account }]
  expect(await addOwners(sessions, signal)).toEqual(known)
  expect(await addOwners(sessions, signal)).toEqual(known)
  expect(accounts).toHaveBeenCalledTimes(3)
  expect(warned).not.toHaveBeenCalled()
  warned.mockRestore()
})

test('that there is no such account is known', async () => {
  expect(await ownerOf('ftpd', sessions[0]!, { accounts: () => null })).toEqual({
    type: 'not-registered',
    domain: null,
  })
})

test('what accounts warn of, where they do', () => {
  expect(accountWarnings({ accounts: Object.assign(() => null, { warnings: () => ['away'] }) }).warnings()).toEqual([
    'away',
  ])
  expect(accountWarnings({ accounts: () => null }).warnings()).toEqual([])
  expect(accountWarnings({}).warnings()).toEqual([])
})
