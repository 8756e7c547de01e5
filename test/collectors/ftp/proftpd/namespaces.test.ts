import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { readEntries } from '../../../../src/collectors/ftp/proftpd/scoreboard.js'
import { proftpdMissing, type ProftpdServer, startProftpd, until } from '../../../servers/proftpd.js'
import { asNobody, beside, inNamespace, makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { RawClient } from './raw-client.js'

const signal = new AbortController().signal
const SOURCE = 'proftpd/proftpd.js#proftpd'

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD in a PID namespace of its own${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  let elsewhere: Unprivileged
  const clients: RawClient[] = []

  beforeAll(async () => {
    elsewhere = makeUnprivileged()
    server = await startProftpd([], { namespace: true })
  })
  afterAll(async () => {
    elsewhere?.remove()
    await server?.stop()
  })
  afterEach(() => clients.splice(0).forEach((client) => client.close()))

  async function connected(login: string, to = server): Promise<RawClient> {
    const client = await RawClient.connect(to.port, login)
    clients.push(client)
    return client
  }
  const who = [
    ['root', []],
    ['an unprivileged user', asNobody],
  ] as const

  test.each(who)('seen from outside by %s: the source fails, and says what to share', async (_, user) => {
    const alice = await connected('alice')
    const dave = await connected('dave')
    const within = user.length > 0 ? [...user] : ['env']
    const { sessions, error } = await elsewhere.run(SOURCE, { scoreboard: server.scoreboard }, 'alice', { within })
    expect(sessions).toBeUndefined()
    expect(error).toMatch(
      new RegExp(
        `^ProFTPD runs in another PID namespace than this back office, where process ${server.pid} is 1: .*` +
          'let the back office share its PID namespace',
      ),
    )
    for (const client of [alice, dave]) expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test.each(who)('seen from another namespace by %s: the source fails, and nothing there is ended', async (_, user) => {
    const alice = await connected('alice')
    // There process 1 is the parent of the first sixty, as the master of the sessions would be.
    const within = [...inNamespace, ...user]
    const { sessions, error, end } = await elsewhere.run(SOURCE, { scoreboard: server.scoreboard }, 'alice', { within })
    expect({ sessions, end }).toEqual({})
    expect(error).toMatch(
      /^ProFTPD does not run: .* names process 1 as its master, and that runs \S*sh here\. .*container.*share its PID namespace/,
    )
    expect(await alice.command('NOOP')).toMatch(/^200/)
  })

  test.each(who)('seen beside it by %s, all is as ever', async (_, user) => {
    const alice = await connected('alice')
    const endHelper = elsewhere.allowEnding()
    const within = [...beside(server.pid), ...user]
    const options = { scoreboard: server.scoreboard, endHelper }
    const { sessions, end } = await elsewhere.run(SOURCE, options, 'alice', { within })
    expect(sessions).toEqual([expect.objectContaining({ login: 'alice', condition: 'normal' })])
    expect(end).toBe('asked')
    await until(() => alice.control.closed)
  })

  test.each(who)(
    'with the scoreboard of another one, seen by %s: nobody is taken for somebody else',
    async (_, user) => {
      const both = [await startProftpd([], { namespace: true }), await startProftpd([], { namespace: true })] as const
      const [own, other] = both
      const pidsIn = ({ scoreboard }: ProftpdServer) => [...readEntries(readFileSync(scoreboard))].map(({ pid }) => pid)
      try {
        // Until a session of the one has the number of one of the other.
        const open: RawClient[] = []
        await until(async () => {
          open.push(await connected('bob', own), await connected('alice', other))
          return pidsIn(own).some((pid) => pidsIn(other).includes(pid))
        })
        const within = [...beside(own.pid), ...user]
        const { sessions, error, end } = await elsewhere.run(SOURCE, { scoreboard: other.scoreboard }, 'alice', {
          within,
        })
        expect({ sessions, end }).toEqual({})
        expect(error).toMatch(/none of their processes is one of ProFTPD's process 1 here.*share its PID namespace/)
        for (const client of open) expect(await client.command('NOOP')).toMatch(/^200/)
      } finally {
        await Promise.all(both.map((one) => one.stop()))
      }
    },
  )

  test('where /proc is that of another namespace, no number in it is believed', async () => {
    const within = ['unshare', '--pid', '--fork', '--kill-child']
    const { error } = await elsewhere.run(SOURCE, { scoreboard: server.scoreboard }, '', { within })
    expect(error).toMatch(
      /^\/proc is not that of this process's PID namespace: it has \d+ for this process, which is 1/,
    )
  })

  test('beside a ProFTPD of this namespace, it is not listed, and that one is', async () => {
    const own = await startProftpd()
    try {
      await connected('alice')
      await connected('dave', own)
      const source = proftpd({ scoreboard: own.scoreboard })
      await until(async () => (await source.list(signal)).some(({ login }) => login === 'dave'))
      expect(await source.list(signal)).toMatchObject([{ login: 'dave' }])
    } finally {
      await own.stop()
    }
  })
})
