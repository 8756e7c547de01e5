import { randomUUID } from 'node:crypto'
import { Deliveries } from '../database/deliveries.js'
import type { Database } from '../database/open-database.js'
import type { DeliveryRow } from '../database/rows.js'
import { complaint } from '../text/complaint.js'
import { messageOf } from '../text/error-message.js'
import { WakeablePause } from '../timing/wakeable-pause.js'
import { post } from './post.js'
import type { CheckedWebhook } from './webhook.js'

/** What is due is looked for so often, in ms, where nothing new comes. */
const lookEvery = 5_000
const atOnce = 8
const rowsPerInsert = 100
/** Whoever sends is sure to be done by then, in ms. */
const putOffFor = 60_000
/** When to try again, in ms after the first, second, … attempt; after the last, it is given up. */
const again = [5e3, 30e3, 2 * 60e3, 10 * 60e3, 30 * 60e3, 2 * 3600e3, 6 * 3600e3, 12 * 3600e3]
/** More is not kept in memory while the database is slow; what comes then is lost, and said to be. */
const mostUnwritten = 10_000

/**
 * Tells webhooks of what happens, until the signal. What is to be told is written into a table first, tried again from
 * there, and given up on record.
 */
export async function runWebhooks(
  database: Database,
  webhooks: readonly CheckedWebhook[],
  report: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // Each for itself: one that does not answer holds up no other.
  await Promise.all(webhooks.map((webhook) => runWebhook(database, webhook, report, signal)))
}

async function runWebhook(
  { events, deliveries: table }: Database,
  webhook: CheckedWebhook,
  report: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const deliveries = new Deliveries(table)
  const { url } = webhook
  const pause = new WakeablePause(signal, false)
  let unwritten: Omit<DeliveryRow, 'id'>[] = []
  const { say, well } = complaint(report, signal)
  // A collector tells of it, and does not wait.
  const listeners = webhook.events.map((event) => {
    const listener = (data: object) => {
      const createdAt = new Date()
      if (unwritten.length >= mostUnwritten) {
        say(`more happens than can be written for webhooks: of what comes beyond ${mostUnwritten} nobody is told`)
        return
      }
      unwritten.push({
        ...{ message: `msg_${randomUUID()}`, webhook: url, event, createdAt, dueAt: createdAt },
        ...{ body: JSON.stringify({ type: event, timestamp: createdAt, data }), attempts: 0, error: null },
      })
      pause.wake()
    }
    events.on(event, listener)
    return () => events.off(event, listener)
  })

  async function send(delivery: DeliveryRow): Promise<void> {
    const { id, event, message, body, attempts } = delivery
    try {
      await post(webhook, message, body, signal)
      await deliveries.arrived(id)
    } catch (error) {
      // Stopped in the middle of it: it is due again in a minute.
      if (signal.aborted) return
      const wait = again[attempts - 1]
      await deliveries.failed(id, messageOf(error), wait === undefined ? null : new Date(Date.now() + wait))
      if (wait === undefined) {
        report(
          `the webhook ${hostOf(url)} was not told of ${event}, and it is given up after ${attempts} attempts: ${messageOf(error)}`,
        )
      }
    }
  }

  try {
    while (!signal.aborted) {
      const writing = unwritten
      unwritten = []
      try {
        while (writing.length > 0) {
          await deliveries.add(writing.slice(0, rowsPerInsert))
          writing.splice(0, rowsPerInsert)
        }
        for (;;) {
          const taken = await deliveries.take(url, atOnce, new Date(Date.now() + putOffFor))
          await Promise.all(taken.map(send))
          if (taken.length < atOnce || signal.aborted) break
        }
        well()
      } catch (error) {
        // What could not be written is written with the next.
        unwritten = [...writing, ...unwritten]
        say(`webhooks could not be told: ${messageOf(error)}`)
        await pause.asleep(lookEvery, () => false)
      }
      await pause.asleep(lookEvery, () => unwritten.length > 0)
    }
  } finally {
    for (const stop of listeners) stop()
    if (unwritten.length > 0) await deliveries.add(unwritten).catch(() => {})
  }
}

/** Its path may be a secret. */
function hostOf(url: string): string {
  return new URL(url).host
}
