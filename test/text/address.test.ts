import { expect, test } from '@jest/globals'
import { endpointOf, endpointText, ipOf, portOf } from '../../src/text/address.js'

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '::ffff:c000:201'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[::ffff:192.0.2.1]', '192.0.2.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['[fe80::1]%eth0', 'fe80::1'],
  ['192.0.2.1:21', null],
  ['example.org', null],
  ['', null],
  [undefined, null],
])('the IP address in %j', (text, ip) => {
  expect(ipOf(text)).toBe(ip)
})

test.each([
  ['127.0.0.1:21', '127.0.0.1', 21],
  ['[::1]:21', '::1', 21],
  ['[::ffff:127.0.0.1]:65535', '127.0.0.1', 65_535],
  ['[fe80::1]%eth0:21', 'fe80::1', 21],
])('the end of a connection %j', (text, ip, port) => {
  expect(endpointOf(text)).toEqual({ ip, port })
  expect(endpointOf(endpointText({ ip, port }))).toEqual({ ip, port })
})

test('what is no endpoint, and no port', () => {
  for (const text of ['', ':21', '127.0.0.1', '127.0.0.1:', '127.0.0.1:*', '127.0.0.1:65536', 'localhost:21', '*:21'])
    expect(endpointOf(text)).toBeNull()
  for (const text of [undefined, '', '0', '-1', '1e3', '070000', '65536', '21 ']) expect(portOf(text)).toBeNull()
})
