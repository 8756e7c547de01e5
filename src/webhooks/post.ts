import { createHmac } from 'node:crypto'
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { request as requestByHttp } from 'node:http'
import { request as requestByHttps } from 'node:https'
import { isIP } from 'node:net'
import { isPublic, keyOf, type CheckedWebhook } from './webhook.js'

/** How long a receiver may take, in ms. */
const answersWithin = 10_000

/**
 * Sends a message once, signed as Standard Webhooks says. The address that is connected to is the one that was looked at:
 * a name that answers otherwise the second time leads nowhere else. Redirects are not followed.
 *
 * @throws Error that says what was wrong, where anything but 2xx was answered
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function post(
  { url, secret, allowPrivate }: CheckedWebhook,
  message: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  const { protocol, hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivate) {
    if (protocol !== 'https:') throw new Error('It goes by plain http; expected https, or the option allowPrivate.')
    // An address that is written out is never looked up.
    if (isIP(host) !== 0 && !isPublic(host)) throw notPublic(host)
  }
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', keyOf(secret)).update(`${message}.${timestamp}.${body}`).digest('base64')
  await new Promise<void>((resolve, reject) => {
    const outgoing = (protocol === 'https:' ? requestByHttps : requestByHttp)(url, {
      method: 'POST',
      // One that is kept open would lead to where its name led before.
      agent: false,
      lookup: allowPrivate ? lookup : publicOnly,
      signal: AbortSignal.any([signal, AbortSignal.timeout(answersWithin)]),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'adminjs-sessions',
        'webhook-id': message,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
    })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const { statusCode = 0 } = response
      // What it says beside that is nobody's to read, however much it is.
      response.destroy()
      if (statusCode >= 200 && statusCode < 300) resolve()
      else reject(new Error(`It answered ${statusCode}; expected 2xx.`))
    })
    outgoing.end(body)
  })
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/** Looks a name up, and refuses one that leads to any address that is not public. */
function publicOnly(name: string, options: LookupOptions, found: Found): void {
  lookup(name, { ...options, all: true }, (error, addresses) => {
    if (error) return found(error, [])
    const inside = addresses.find(({ address }) => !isPublic(address))
    if (inside !== undefined) return found(notPublic(inside.address), [])
    if (options.all) return found(null, addresses)
    const [{ address, family }] = addresses as [LookupAddress]
    found(null, address, family)
  })
}

function notPublic(address: string): Error {
  return new Error(`It leads to ${address}, which is no public address; where that is meant: allowPrivate.`)
}
