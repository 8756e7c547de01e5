import { Finding, NotChecked } from '../finding.js'
import { msOf, shown } from '../row-rules.js'
import type { AnySession, Opened, Trial } from '../harness.js'
import type { Check } from './check.js'

/** What sessions a list holds, under which keys, and since when. */
export const listing: readonly Check[] = [
  {
    name: 'lists-every-session',
    says: 'A list holds every session there is now, several of one login too, and says whose each is.',
    async run(trial) {
      const [first, second] = trial.scenario.logins
      const count = async () => {
        const logins = (await trial.list()).map(({ login }) => login)
        return [first, second].map((login) => logins.filter((one) => one === login).length) as [number, number]
      }
      let before: [number, number] = [0, 0]
      await trial.until('a first list', async () => (before = await count()))
      for (const login of [first, first, second]) await trial.connect(login)
      let now = before
      await trial
        .until('', async () => {
          now = await count()
          return now[0] - before[0] === 2 && now[1] - before[1] === 1
        })
        .catch(() => {
          const [ofFirst, ofSecond] = [now[0] - before[0], now[1] - before[1]]
          throw new Finding(
            `${first} logged in twice and ${second} once, and the list holds ${ofFirst} and ${ofSecond} sessions more of theirs`,
          )
        })
    },
  },
  {
    name: 'keys-stable',
    says: 'A session keeps its key for its life, before and after its logon, whatever it does.',
    async run(trial) {
      const { client, key } = await trial.open(trial.scenario.logins[0])
      for (let i = 0; i < 3; i++) await stillThere(trial, key, 'nothing had happened to it')
      await client.act()
      await stillThere(trial, key, 'its client did something')
      await overLogon(trial)
    },
  },
  {
    name: 'gone-sessions-leave',
    says: 'A session whose client has left is not listed any more.',
    async run(trial) {
      const { client, key } = await trial.open(trial.scenario.logins[0])
      await client.disconnect()
      await trial.until(
        'the list is without the session that its client has left',
        async () => !(await trial.find(key)),
      )
    },
  },
  {
    name: 'keys-never-reused',
    says: 'A key is never given to another session, also where the new one gets the place of one that has gone.',
    needs: ['gone-sessions-leave'],
    // The rule itself is kept over all lists, by the trial.
    async run(trial) {
      for (let i = 0; i < 3; i++) await gone(trial, await trial.open(trial.scenario.logins[0]))
    },
  },
  {
    name: 'times-true',
    says: "Times are instants, whatever the server's time zone: a session that has just begun has begun now.",
    async run(trial) {
      const { session, between } = await trial.open(trial.scenario.logins[0])
      for (const field of ['connectedAt', 'loggedInAt', 'lastActiveAt'] as const)
        checkTime(session, field, between, trial.limits.clocksApart)
    },
  },
]

async function stillThere(trial: Trial, key: string, after: string): Promise<void> {
  if (!(await trial.find(key))) {
    throw new Finding(`the session that had the key ${shown(key)} is not listed under it any more after ${after}`)
  }
}

async function overLogon(trial: Trial): Promise<void> {
  const { connectWithoutLogon, logins } = trial.scenario
  if (!connectWithoutLogon) return
  const opened = await trial.openWithoutLogon(() => connectWithoutLogon())
  if (!opened) return
  const { client, key } = opened
  if (!client.logOn) throw new NotChecked('clients of `connectWithoutLogon` have no `logOn`')
  await client.logOn(logins[0])
  await trial.until(`the session has the key ${shown(key)} still after its logon`, async () => {
    return (await trial.find(key))?.login === logins[0]
  })
}

/** Waits until a session whose client leaves is not listed any more. */
export async function gone(trial: Trial, { client, key }: Opened): Promise<void> {
  await client.disconnect()
  await trial.until('the session that its client has left is gone', async () => !(await trial.find(key)))
}

function checkTime(
  session: AnySession,
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
