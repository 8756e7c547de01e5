import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { proftpd } from '../../src/collectors/ftp/proftpd/proftpd.js'
import type { FtpSessionRow } from '../../src/database/rows.js'
import { backEnd } from '../engine/back-end.js'
import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'
import { isRunning, proftpdMissing, startProftpd, type ProftpdServer } from '../servers/proftpd.js'
import { thorough } from '../thorough.js'
import { hangs, until } from '../until.js'
import { FtpClients, type Known } from './ftp-clients.js'
import { expectSameAsSource } from './same-as-source.js'
import { seed, seeded } from './seeded.js'

const chance = seeded(seed)
/** How many sessions come and go at once; 1,000 in a longer run. */
const burst = Number(process.env.TRUST_SESSIONS ?? (thorough ? 200 : 40))
const signal = new AbortController().signal

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD and its rows agree (TRUST_SEED=${seed}) ${proftpdMissing ?? ''}`, () => {
  let server: ProftpdServer
  let clients: FtpClients
  let source: ReturnType<typeof proftpd>
  let engine: Awaited<ReturnType<typeof backEnd>>

  beforeAll(async () => {
    server = await startProftpd()
    clients = new FtpClients(server, chance)
    source = proftpd({ scoreboard: server.scoreboard })
    engine = await backEnd(source, { pollEvery: 200 })
    engine.start()
    await clients.happen(20)
  })
  afterAll(async () => {
    clients?.close()
    await engine?.stop()
    await server?.stop()
  })

  const rows = () => engine.rows() as Promise<FtpSessionRow[]>

  /** Nothing is moved any more, and clients and rows agree on who is there, where, and whether as an orphan. */
  async function quiet(): Promise<void> {
    await clients.quiet()
    const known = sorted(await clients.known())
    await until('the rows are those of the clients', async () => sorted(await rows()) === known).catch(async () =>
      expect(sorted(await rows())).toBe(known),
    )
  }

  async function expectSame(): Promise<void> {
    await quiet()
    await expectSameAsSource(() => source.list(signal), rows)
    // A source that has just been made knows nothing from before, such as when a transfer moved last.
    const another = proftpd({ scoreboard: server.scoreboard })
    const list = async () => (await another.list(signal)).map((each) => ({ ...each, lastActiveAt: undefined }))
    await expectSameAsSource(list, rows)
    await until('the source is well, and has as many sessions as there are clients', async () => {
      const { state, sessions } = await engine.status()
      return state === 'ok' && sessions === clients.count
    })
  }

  async function restart(): Promise<void> {
    const { pid } = server
    if (isRunning(pid)) process.kill(pid, 'SIGTERM')
    await until('ProFTPD has ended with its sessions', () => !isRunning(pid) && clients.attached === 0)
    await server.start()
  }

  /** Ends the session of some row, as the page does: exactly one client is cut. */
  async function remove(which: (row: FtpSessionRow) => boolean = () => true): Promise<void> {
    await quiet()
    const before = clients.count
    const row = chance.of((await rows()).filter(which))
    const [removal] = await engine.remove([row.key], { wait: hangs })
    expect(removal).toMatchObject({ outcome: 'ended', login: row.login })
    await until('its client is cut', () => clients.count < before)
    expect(clients.count).toBe(before - 1)
  }

  async function expectFailing(error: RegExp, spoil: () => void): Promise<void> {
    const before = sorted(await rows())
    spoil()
    const status = await until('it is shown as failing', async () => {
      const now = await engine.status()
      return now.state === 'failing' && now
    })
    expect(status.error).toMatch(error)
    expect(sorted(await rows())).toBe(before)
  }

  test('after logons, transfers, changes of directory and leaving', async () => {
    await expectSame()
    await clients.happen(30)
    await expectSame()
  })

  test('after removals in between', async () => {
    for (let i = 0; i < 3; i++) {
      await clients.happen(5)
      await clients.come()
      await remove()
    }
    await expectSame()
  })

  test('after a reload of its configuration', async () => {
    process.kill(server.pid, 'SIGHUP')
    await until('it has been reloaded', () => readFileSync(join(server.dir, 'system.log'), 'utf8').includes('SIGHUP'))
    await until('it answers again', async () => {
      const client = await RawClient.connect(server.port)
      const answer = await client.command('SYST')
      client.close()
      return answer.startsWith('215')
    })
    await expectSame()
    await clients.happen(10)
    await expectSame()
  })

  test('after a restart', async () => {
    await restart()
    await expectSame()
    await clients.happen(15)
    await expectSame()
  })

  test('after a crash of its master: its sessions are orphans and can be removed, before and after the next start', async () => {
    for (let i = 0; i < 3; i++) await clients.come()
    await server.crash()
    clients.areOrphaned()
    await expectSame()
    await remove()
    await server.start()
    await clients.come()
    await remove(({ condition }) => condition === 'orphaned')
    await clients.happen(10)
    await expectSame()
  })

  test('while its scoreboard is junk the rows are kept, and afterwards they are right again', async () => {
    const aside = `${server.scoreboard}.aside`
    await clients.come()
    await expectSame()
    await expectFailing(/is not a scoreboard that can be read/, () => {
      renameSync(server.scoreboard, aside)
      writeFileSync(server.scoreboard, 'junk')
    })
    await clients.quiet()
    renameSync(aside, server.scoreboard)
    await expectSame()
  })

  test('while its scoreboard is deleted the rows are kept, and when there is a new one they are right again', async () => {
    await clients.come()
    await expectSame()
    await expectFailing(/There is no scoreboard at/, () => rmSync(server.scoreboard))
    await restart()
    await clients.happen(10)
    await expectSame()
  })

  // A session that finds no scoreboard makes one and names itself as the master in it.
  test('while its scoreboard was deleted and its next session has made another, all are listed', async () => {
    try {
      await clients.come()
      rmSync(server.scoreboard)
      await clients.come()
      await clients.come()
      expect((await source.list(signal)).length).toBe(clients.count)
    } finally {
      await restart()
    }
  })

  test(
    `after ${burst} sessions have come, and have gone or were removed`,
    async () => {
      const many: RawClient[] = []
      // Every second one does not log in.
      const come = (i: number) => RawClient.connect(server.port, i % 2 ? chance.of(['alice', 'dave']) : undefined)
      while (many.length < burst) many.push(...(await Promise.all(Array.from({ length: 20 }, (_, i) => come(i)))))
      await until('their rows', async () => (await rows()).length === many.length + clients.count)
      const chosen = (await rows()).filter(({ login }) => login === null || login === 'alice').slice(0, burst / 4)
      const removals = await engine.remove(
        chosen.map(({ key }) => key),
        { wait: hangs },
      )
      expect(removals.map(({ outcome }) => outcome)).toEqual(chosen.map(() => 'ended'))
      for (const client of many) client.close()
      await expectSame()
    },
    300_000 + burst * 1000,
  )
})

/** What clients and rows have in common, in an order that does not depend on who says it. */
function sorted(sessions: Known[] | FtpSessionRow[]): string {
  return sessions
    .map(({ login, location, condition }) => `${login} in ${location}, ${condition}`)
    .sort()
    .join('\n')
}
