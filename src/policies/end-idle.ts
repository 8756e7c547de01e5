import { z } from 'zod'
import { checkOptions, optionsOf } from '../collectors/check-options.js'
import { rowsMeant } from '../actions/session-scope.js'
import { period } from '../text/format.js'
import { identityOf, policyShape, type Policy, type PolicyOptions } from './policy.js'

/** What `endIdle` takes. */
export interface EndIdleOptions extends PolicyOptions {
  /** Minutes without a sign of its person. */
  minutes: number
}

const shape = optionsOf({
  ...policyShape,
  minutes: z.number({ error: 'a number of minutes' }).min(1, { error: 'at least 1 minute' }),
})

/**
 * Ends sessions whose person has done nothing for so long. One of which nobody knows when he last did something is left
 * alone, and so is one that is moving a file.
 *
 * @example policies: [endIdle({ kind: 'panel', minutes: 30 })]
 */
export function endIdle(options: EndIdleOptions): Policy {
  const { minutes, ...policy } = checkOptions('endIdle', shape, options)
  const { kind, source } = policy
  return {
    ...policy,
    name: policy.name ?? `idle (${kind})`,
    reason: policy.reason ?? `nothing was done for ${period(minutes, 'en')}`,
    whenIdle: false,
    clockSteadyFor: minutes * 60_000,
    identity: identityOf('endIdle', { minutes, ...policy }),
    async *chosen(sessions) {
      for await (const rows of rowsMeant(sessions, { source, idleFor: minutes * 60_000 })) {
        yield rows.filter((row) => !('status' in row) || (row.status !== 'uploading' && row.status !== 'downloading'))
      }
    },
  }
}
