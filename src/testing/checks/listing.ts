import { type KitSession, type Check, Finding, type Harness, NotChecked, type Opened } from '../harness.js'
import { msOf, shown } from '../row-rules.js'
import type { ScenarioClient } from '../scenario.js'

/** Which sessions a list holds, under which keys, and since when. */
export const listing: readonly Check[] = [
  {
    name: 'lists-every-session',
    says: 'A list holds every session there is now, several of one login too, and says whose each is.',
    async run(harness) {
      const [first, second] = harness.scenario.logins
      const count = async () => {
        const logins = (await harness.list()).map(({ login }) => login)
        return [first, second].map((login) => logins.filter((one) => one === login).length) as [number, number]
      }
      let before: [number, number] = [0, 0]
      await harness.until('a first list', async () => (before = await count()))
      const clients: ScenarioClient[] = []
      for (const login of [first, first, second]) clients.push(await harness.connect(login))
      let now = before
      await harness
        .until('', async () => {
          now = await count()
          return now[0] - before[0] === 2 && now[1] - before[1] === 1
        })
        .catch(async () => {
          const [ofFirst, ofSecond] = [now[0] - before[0], now[1] - before[1]]
          const found = `${first} logged in twice and ${second} once, and the list holds ${ofFirst} and ${ofSecond} sessions more of theirs`
          const served = await Promise.all(clients.map((client) => harness.isConnected(client)))
          throw await harness.lacking(clients[Math.max(0, served.indexOf(false))]!, found)
        })
    },
  },
  {
    name: 'keys-stable',
    says: 'A session keeps its key for its life, before and after its logon, whatever it does.',
    async run(harness) {
      const opened = await harness.open(harness.scenario.logins[0])
      for (let i = 0; i < 3; i++) await stillThere(harness, opened, 'nothing had happened to it')
      await opened.client.act()
      await stillThere(harness, opened, 'its client did something')
      await overLogon(harness)
    },
  },
  {
    name: 'gone-sessions-leave',
    says: 'A session whose client has left is not listed any more.',
    async run(harness) {
      const { client, key } = await harness.open(harness.scenario.logins[0])
      await client.disconnect()
      await harness.until(
        'the list is without the session that its client has left',
        async () => !(await harness.find(key)),
      )
    },
  },
  {
    name: 'keys-never-reused',
    says: 'A key is never given to another session, also where the new one gets the place of one that has gone.',
    needs: ['gone-sessions-leave'],
    // The harness judges every list by this rule. This gives it some to judge.
    async run(harness) {
      for (let i = 0; i < 3; i++) await gone(harness, await harness.open(harness.scenario.logins[0]))
    },
  },
  {
    name: 'times-true',
    says: "Times are instants, whatever the server's time zone: a session that has just begun has begun now.",
    async run(harness) {
      const { session, between } = await harness.open(harness.scenario.logins[0])
      for (const field of ['connectedAt', 'loggedInAt', 'lastActiveAt'] as const)
        checkTime(session, field, between, harness.limits.clocksApart)
    },
  },
]

async function stillThere(harness: Harness, { client, key }: Opened, after: string): Promise<void> {
  if (await harness.find(key)) return
  const found = `the session that had the key ${shown(key)} is not listed under it any more after ${after}`
  throw await harness.lacking(client, found)
}

async function overLogon(harness: Harness): Promise<void> {
  const { connectWithoutLogon, logins } = harness.scenario
  if (!connectWithoutLogon) return
  const opened = await harness.openWithoutLogon(() => connectWithoutLogon())
  if (!opened) return
  const { client, key } = opened
  if (!client.logOn) throw new NotChecked('clients of `connectWithoutLogon` have no `logOn`')
  await client.logOn(logins[0])
  await harness.until(`the session has the key ${shown(key)} still after its logon`, async () => {
    return (await harness.find(key))?.login === logins[0]
  })
}

/** The client leaves; waits until its session is no longer listed. */
export async function gone(harness: Harness, { client, key }: Opened): Promise<void> {
  await client.disconnect()
  await harness.until('the session that its client has left is gone', async () => !(await harness.find(key)))
}

function checkTime(
  session: KitSession,
  field: 'connectedAt' | 'loggedInAt' | 'lastActiveAt',
  [from, to]: readonly [number, number],
  apart: number,
): void {
  const time = msOf(session[field])
  if (time === undefined) return
  if (time >= from - apart && time <= to + apart) return
  throw new Finding(
    `\`${field}\` is ${shown(new Date(time))} in a session that was opened at ${shown(new Date(from))}: ${whyOff(time - from, apart)}`,
  )
}

function whyOff(offMs: number, apart: number): string {
  if (offMs < -10 * 365 * 24 * 3_600_000) return 'are these seconds, where milliseconds were expected?'
  const quarters = Math.round(offMs / 900_000)
  const zone = quarters !== 0 && Math.abs(offMs - quarters * 900_000) < apart
  return zone ? 'is it local time that was read as UTC?' : 'do the clocks agree?'
}
