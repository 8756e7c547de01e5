import { expect, test } from '@jest/globals'
import { checkOptions } from '../../src/collectors/check-options.js'
import { isPublic, webhookShape } from '../../src/webhooks/webhook.js'

test.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
  expect(isPublic(address)).toBe(true)
})

test.each([
  ...['127.0.0.1', '127.9.9.9', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1'],
  ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '::', '::1', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:10.0.0.1'],
  ...['64:ff9b::a00:1', '2002:7f00:1::', '2001:db8::1', 'localhost', ''],
])('%j is not', (address) => {
  expect(isPublic(address)).toBe(false)
})

const secret = `whsec_${'a'.repeat(32)}`
test.each([
  [{ secret }, 'option "url" is missing; expected an address like "https://example.com/hook"'],
  [{ url: 'ftp://example.com', secret }, 'expected an address like'],
  [{ url: `https://example.com/${'a'.repeat(200)}`, secret }, 'of at most 191 characters'],
  [{ url: 'https://example.com' }, 'option "secret" is missing; expected "whsec_" and at least 24 bytes'],
  [{ url: 'https://example.com', secret: 'whsec_short' }, 'expected "whsec_" and at least 24 bytes'],
  [{ url: 'https://example.com', secret, events: ['logon'] }, 'expected one of session-opened, session-ended'],
  [{ url: 'https://example.com', secret, allowprivate: true }, 'no option of that name: allowprivate'],
])('%j is refused', (webhook, message) => {
  expect(() => checkOptions('webhook', webhookShape, webhook)).toThrow(message)
})
