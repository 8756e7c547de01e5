import { afterEach, expect, jest, test } from '@jest/globals'
import { warnOfUnsafeLogon } from '../../../../src/collectors/panel/express-sessions/guard/logon-warnings.js'

const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
afterEach(() => warned.mockClear())

const codes = () => warned.mock.calls.map(([, options]) => (options as { code: string }).code)

function logon({
  sameSite = 'lax' as unknown,
  ip = '192.0.2.1',
  remoteAddress = '127.0.0.1',
  forwarded = '192.0.2.1',
  keptItsId = false,
} = {}) {
  const req = { headers: { 'x-forwarded-for': forwarded }, ip, socket: { remoteAddress } }
  warnOfUnsafeLogon({ cookie: { sameSite } } as never, req as never, keptItsId)
  return codes()
}

test('a safe logon warns of nothing', () => {
  expect(logon()).toEqual([])
  expect(logon({ sameSite: 'strict' })).toEqual([])
  expect(logon({ sameSite: true })).toEqual([])
  // A browser of the proxy's own machine.
  expect(logon({ ip: '127.0.0.1', forwarded: '127.0.0.1' })).toEqual([])
  // Whoever comes directly may send any header.
  expect(logon({ ip: '192.0.2.7', remoteAddress: '192.0.2.7' })).toEqual([])
})

test('each unsafe setting is warned of once', () => {
  const all = ['ADMINJS_SESSIONS_SAMESITE', 'ADMINJS_SESSIONS_FIXATION', 'ADMINJS_SESSIONS_PROXY']
  expect(logon({ sameSite: 'none', keptItsId: true, ip: '::ffff:127.0.0.1' })).toEqual(all)
  expect(logon({ sameSite: false, keptItsId: true, ip: '127.0.0.1' })).toEqual(all)
})
