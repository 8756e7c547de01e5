import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { childrenOf } from '../../../servers/tree.js'
import {
  asNobody,
  beside,
  inNamespace,
  inOwnNamespace,
  makeUnprivileged,
  type Unprivileged,
} from '../../../servers/unprivileged.js'
import { until } from '../../../until.js'
import { RawClient } from '../proftpd/raw-client.js'

const SOURCE = 'pure-ftpd/pure-ftpd.js#pureFtpd'

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`a real Pure-FTPd in a PID namespace of its own${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  let server: PureFtpdServer
  let elsewhere: Unprivileged
  let master: number
  let alice: RawClient
  let directory: string
  /** A copy that anybody may see, wherever this package is. */
  let program: string

  beforeAll(async () => {
    elsewhere = makeUnprivileged()
    directory = mkdtempSync(join(tmpdir(), 'pure-ftpwho-'))
    chmodSync(directory, 0o755)
    program = join(directory, 'pure-ftpwho')
    copyFileSync(pureFtpwho, program)
    server = await startPureFtpd([], { within: inOwnNamespace })
    master = childrenOf(server.pid)[0]!
  })
  afterAll(async () => {
    elsewhere?.remove()
    rmSync(directory, { recursive: true, force: true })
    await server?.stop()
  })
  afterEach(async () => {
    // Whoever looked from where the numbers mean nothing has left its list as it was.
    expect(await alice.command('NOOP')).toMatch(/^200/)
    expect(listedThere()).toMatch(/\|alice\|/)
    alice.close()
    await until('it has gone', () => !/\|alice\|/.test(listedThere()))
  })

  const listedThere = () => {
    const [program, ...args] = [...beside(master), pureFtpwho, '-n', '-s']
    return execFileSync(program!, args, { encoding: 'utf8' })
  }
  const list = async (within: string[], options: object = {}) => {
    alice = await RawClient.connect(server.port, 'alice')
    const { sessions, error, end } = await elsewhere.run(SOURCE, { program, ...options }, 'alice', {
      within,
    })
    expect({ sessions, end }).toEqual({})
    return error
  }

  test.each([
    ['root', ['env']],
    ['an unprivileged user', asNobody],
  ])('seen from outside by %s: the source fails, and says what to share', async (_, within) => {
    // Others may run so beside it.
    expect(await list(within)).toMatch(
      /^Pure-FTPd runs in another PID namespace than this back office, where process \d+ is \d+: .*let the back office share/,
    )
  })

  test('seen from another namespace: the source fails, and says what to share', async () => {
    expect(await list(inNamespace)).toMatch(/^Pure-FTPd does not run: .*container, let the back office share/)
  })

  test('so it is where inetd may start it: nothing deletes the entries of sessions that live elsewhere', async () => {
    expect(await list(inNamespace, { inetd: true })).toMatch(
      /has sessions, and no Pure-FTPd runs here\..*container, let the back office share/,
    )
  })

  test('beside it, all is as ever', async () => {
    alice = await RawClient.connect(server.port, 'alice')
    const dave = await RawClient.connect(server.port, 'dave')
    const within = beside(master)
    const { sessions, end } = await elsewhere.run(SOURCE, { program: pureFtpwho }, 'dave', { within })
    expect(sessions).toHaveLength(2)
    for (const login of ['alice', 'dave'])
      expect(sessions).toContainEqual(expect.objectContaining({ login, condition: 'normal' }))
    expect(end).toBe('asked')
    await until('its client sees it', () => dave.control.closed)
  })
})
