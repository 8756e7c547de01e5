import '../../fresh-dist.mjs'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresMissing } from '../../servers/postgres.js'
import { proftpdMissing } from '../../servers/proftpd.js'
import { redisMissing } from '../../servers/redis.js'
import { seed, seeded } from '../../trust/seeded.js'
import { thorough } from '../../thorough.js'
import { until } from '../../until.js'
import { hosts, World, type Host } from './world.js'

const steps = Number(process.env.STEPS ?? (thorough ? 60 : 40))
/** After so many steps everything is mended, and all that was meant to happen must have happened. */
const stepsBetween = 40
/** How long a process is stopped now and then in a long run, in ms. */
const aMinute = steps > 1000 ? 60_000 : 12_000
const minutes = 60_000
const chance = seeded(seed)
const missing = postgresMissing ?? redisMissing ?? proftpdMissing

/** A session as it was opened: nobody else ever has its login. */
type Opened = { login: string; isOpen: boolean; isAsked: boolean; mayHaveLeft?: boolean } & (
  { host: Host } | { cookie: string }
)

const describeReal = missing ? describe.skip : describe
describeReal(`several machines (TRUST_SEED=${seed}, ${steps} steps) ${missing ?? ''}`, () => {
  const world = new World()
  const opened: Opened[] = []
  const asked = new Set<string>()
  let count = 0
  beforeAll(() => world.start([0, 5 * minutes, -5 * minutes]))
  afterAll(() => world.stop())

  const office = () => chance.of(world.offices)
  const anyMachine = () => chance.of(world.machines)
  const anyOpen = () => {
    const open = opened.filter(({ isOpen, isAsked }) => isOpen && !isAsked)
    return open.length === 0 ? undefined : chance.of(open)
  }
  const isFtp = (session: Opened): session is Opened & { host: Host } => 'host' in session

  async function connects(): Promise<void> {
    const session = { login: `ftp-${++count}`, isOpen: true, isAsked: false, host: chance.of(hosts) }
    await world.open(session.host, session.login)
    opened.push(session)
  }

  async function logsOn(): Promise<void> {
    const login = `panel-${++count}`
    const cookie = await world.logOn(office(), login)
    if (cookie !== null) opened.push({ login, isOpen: true, isAsked: false, cookie })
  }

  const happenings: Record<string, { often: number; happen(): unknown }> = {
    'somebody connects': { often: 10, happen: connects },
    'somebody logs on': { often: 6, happen: logsOn },
    'somebody leaves': {
      often: 6,
      async happen() {
        const session = anyOpen()
        if (session === undefined) return
        if (isFtp(session)) world.close(session.host, session.login)
        else if (!(await world.logOut(office(), session.cookie))) {
          // A process that goes on again may still do it.
          session.mayHaveLeft = true
          return
        }
        session.isOpen = false
      },
    },
    'somebody is removed': {
      often: 10,
      async happen() {
        const session = anyOpen()
        if (session === undefined) return
        session.isAsked = true
        asked.add(session.login)
        await world.remove(office(), session.login)
      },
    },
    'a process is killed': {
      often: 2,
      async happen() {
        const machine = anyMachine()
        if (machine.isUp) await machine.kill()
      },
    },
    'a process is started': {
      often: 3,
      async happen() {
        const machine = world.machines.find(({ isUp }) => !isUp)
        machine?.proxy.heal()
        await machine?.start()
      },
    },
    'a process is stopped': {
      often: 2,
      happen() {
        const machine = anyMachine()
        if (machine.isUp) machine.stop()
      },
    },
    'a process goes on': { often: 3, happen: () => world.machines.find(({ isStopped }) => isStopped)?.goOn() },
    'a network is cut': { often: 1, happen: () => anyMachine().proxy.cut() },
    'a network drops everything': { often: 1, happen: () => anyMachine().proxy.drop() },
    'a network is slow': { often: 1, happen: () => anyMachine().proxy.delay(50 + chance.below(400)) },
    'a network is mended': { often: 3, happen: () => anyMachine().proxy.heal() },
    'an FTP server is restarted': { often: 0.4, happen: () => world.restartFtp(chance.of(hosts)) },
    'the database is restarted': { often: 0.4, happen: () => world.restartPostgres() },
    'a while passes': { often: 6, happen: () => sleep(chance.below(1_500)) },
  }
  const choices = Object.entries(happenings).flatMap(([what, { often }]) => Array<string>(often * 5).fill(what))

  /** What must be so at any moment, whatever is broken. */
  async function expectNothingWrong(): Promise<void> {
    for (const host of hosts) expect(world.closedBy(host).filter((login) => !asked.has(login))).toEqual([])
    expect(
      await world.query(`SELECT * FROM seen_writing WHERE writer NOT LIKE '% ' || coalesce(holder, 0) LIMIT 3`),
    ).toEqual([])
    expect(await world.query('SELECT removal FROM seen_outcomes GROUP BY removal HAVING count(*) > 1')).toEqual([])
  }

  async function expectAllDone(): Promise<void> {
    for (const { proxy } of world.machines) proxy.heal()
    for (const machine of world.machines) machine.goOn()
    for (const machine of world.machines) if (!machine.isUp) await machine.start()
    const said = () => world.machines.map((machine) => `${machine.is.name}:\n${machine.output().slice(-1500)}`).join('\n') // prettier-ignore
    const rows = async (table: string, host: string) =>
      (await world.query(`SELECT login FROM adminjs_sessions_${table} WHERE host = '${host}'`)).map(({ login }) => login as string).sort() // prettier-ignore
    let differences: unknown
    await until('all is as it should be', async () => {
      differences = [
        ...(await Promise.all(hosts.map(async (host) => [host, world.sessionsOf(host), await rows('ftp', host)]))),
        ['panel', await world.loginsStored(), await rows('panel', 'panel')],
        ['pending', [], (await world.query(`SELECT id, kind, host, login FROM adminjs_sessions_removal WHERE outcome = 'pending'`)).map(({ id }) => id as number)], // prettier-ignore
      ].filter(([, expected, found]) => JSON.stringify(expected) !== JSON.stringify(found))
      return (differences as unknown[]).length === 0
    }).catch(async (error: Error) => {
      const open = await world.query(`SELECT id, kind, host, login, "takenBy", beat, "startedAt" FROM adminjs_sessions_removal WHERE outcome = 'pending'`) // prettier-ignore
      const leases = await world.query('SELECT * FROM adminjs_sessions_lease')
      throw new Error(`${error.message}\n${JSON.stringify({ differences, open, leases }, null, 1)}\n${said()}`, { cause: error }) // prettier-ignore
    })

    for (const session of opened) {
      const { login, isOpen } = session
      let now = await stateOf(session)
      if (asked.has(login) || session.mayHaveLeft) {
        // Whoever asked got no answer, and a process that goes on again may do it only now.
        await until(`${login} is there, or was ended on record`, async () => {
          now = await stateOf(session)
          return isTrue(now, login) && isDone(now.outcomes)
        }).catch((error: Error) => {
          throw new Error(`${error.message}: ${JSON.stringify({ session, now })}`, { cause: error })
        })
        expect(now.outcomes.length).toBeLessThan(2)
        if (now.outcomes.length === 1) expect({ login, isThere: now.isThere }).toEqual({ login, isThere: false })
      } else {
        expect({ login, ...now }).toEqual({ login, isThere: isOpen, outcomes: [], seenAs: now.seenAs })
        expect({ login, seenAs: now.seenAs, isTrue: isTrue(now, login) }).toEqual({ login, seenAs: now.seenAs, isTrue: true }) // prettier-ignore
      }
      session.isOpen = now.isThere
      session.mayHaveLeft = false
    }
    // Nobody asks for those again.
    opened.splice(0, opened.length, ...opened.filter(({ isOpen }) => isOpen))
    const removed = (await world.query('SELECT login FROM adminjs_sessions_removal')).map(
      ({ login }) => login as string,
    )
    for (const host of hosts) expect(world.closedBy(host).filter((login) => !removed.includes(login))).toEqual([])
  }

  /** Whether a session is there, as whom its cookie is seen at each office, and what its removal's outcome is. */
  async function stateOf(session: Opened) {
    const { login } = session
    const isThere = (isFtp(session) ? world.sessionsOf(session.host) : await world.loginsStored()).includes(login)
    const seenAs = isFtp(session) ? [] : await Promise.all(world.offices.map((one) => world.who(one, session.cookie)))
    const removals = await world.query(`SELECT outcome, message FROM adminjs_sessions_removal WHERE login = '${login}'`)
    const outcomes = removals.map(({ outcome }) => outcome as string)
    // Why, for whoever reads of a failure.
    return { isThere, seenAs, outcomes, ...(isDone(outcomes) ? {} : { removals }) }
  }

  const isDone = (outcomes: string[]) => outcomes.every((outcome) => /^(ended|already-gone)$/.test(outcome))
  const isTrue = ({ isThere, seenAs }: Awaited<ReturnType<typeof stateOf>>, login: string) =>
    seenAs.every((name) => name === (isThere ? login : 'nobody'))

  test(
    'whatever breaks: no session lost or hit by mistake, no removal lost or done twice, no row by an old epoch',
    async () => {
      const happened: string[] = []
      try {
        for (let step = 1; step <= steps; step++) {
          const what = chance.of(choices)
          happened.push(what)
          await happenings[what]!.happen()
          await expectNothingWrong()
          if (step % 500 === 0 || step === Math.floor(steps / 2)) {
            const machine = world.machines.find(({ isUp }) => isUp)!
            happened.push(`${machine.is.name} is stopped for ${aMinute / 1000} s`)
            machine.stop()
            await sleep(aMinute)
            machine.goOn()
            await expectNothingWrong()
          }
          if (step % stepsBetween === 0 || step === steps) {
            await expectAllDone()
            await expectNothingWrong()
            if (steps > 1000) console.log(`${step} steps`)
          }
        }
      } catch (error) {
        throw new Error(`After ${happened.length} happenings, the last: ${happened.slice(-45).join(', ')}`, {
          cause: error,
        })
      }
      // Whatever chance has made of it: once all is mended, whoever is removed is ended.
      for (const happen of [connects, logsOn]) {
        const before = opened.length
        await until('somebody is there', async () => (await happen(), opened.length > before))
      }
      await expectAllDone()
      const last = opened.slice(-2)
      for (const session of last) {
        session.isAsked = true
        asked.add(session.login)
        await until('it is on record', async () => {
          await world.remove(office(), session.login)
          return (await stateOf(session)).outcomes.length > 0
        })
      }
      await expectAllDone()
      expect(await Promise.all(last.map(async (session) => (await stateOf(session)).outcomes))).toEqual([['ended'], ['ended']]) // prettier-ignore
      const [{ ended }] = await world.query(`SELECT count(*)::int AS ended FROM adminjs_sessions_removal WHERE outcome = 'ended'`) // prettier-ignore
      expect(ended).toBeGreaterThan(steps / 40)
    },
    300_000 + steps * 5_000,
  )
})
