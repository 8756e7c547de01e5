import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { text } from '../collectors/check-options.js'
import type { SessionEventName } from '../database/session-events.js'

/** What webhooks may be told of. */
const webhookEvents = [
  'session-opened',
  'session-ended',
  'removed',
  'came-back',
  'source-failing',
  'source-ok',
] as const satisfies SessionEventName[]

/** One receiver of what happens. */
export interface Webhook {
  /** Where to POST to, by https. */
  url: string
  /** What it is signed with: `whsec_` and at least 24 random bytes in base64, as Standard Webhooks has it. */
  secret: string
  /**
   * Of what.
   *
   * @default ['session-opened', 'removed', 'came-back', 'source-failing', 'source-ok']
   */
  events?: (typeof webhookEvents)[number][]
  /**
   * May the url lead to this machine, into a private network, or go by plain http? Without it, nobody who can change a name
   * in the DNS sends this process's requests to what only it can reach.
   *
   * @default false
   */
  allowPrivate?: boolean
}

const secretShape = /^whsec_([A-Za-z0-9+/]{32,}={0,2})$/

export const webhookShape = z.strictObject(
  {
    url: text(
      'an address like "https://example.com/hook", of at most 191 characters',
      (url) => url.length <= 191 && ['https:', 'http:'].includes(protocolOf(url)),
    ),
    secret: text('"whsec_" and at least 24 bytes in base64: openssl rand -base64 24', (said) => secretShape.test(said)),
    events: z
      .array(z.enum(webhookEvents, { error: `one of ${webhookEvents.join(', ')}` }), { error: 'an array of events' })
      .default(['session-opened', 'removed', 'came-back', 'source-failing', 'source-ok']),
    allowPrivate: z.boolean({ error: 'true or false' }).default(false),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? 'one of url, secret, events, allowPrivate' : 'a webhook: { url, secret }',
  },
)

export type CheckedWebhook = z.output<typeof webhookShape>

/** The key that a secret stands for. */
export function keyOf(secret: string): Buffer {
  return Buffer.from(secretShape.exec(secret)![1]!, 'base64')
}

/**
 * Is this an address of the internet at large, and none of this machine, a private network, a cloud's metadata service?
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
export function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'
}

function protocolOf(url: string): string {
  return URL.canParse(url) ? new URL(url).protocol : ''
}
