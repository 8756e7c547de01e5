import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { Drive } from '../drive.js'

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`a real Pure-FTPd, in its own states${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  let server: PureFtpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startPureFtpd()
    drive = new Drive(server.port, server.alone(pureFtpd({ program: pureFtpwho })))
  })
  afterAll(() => server?.stop())
  afterEach(() => drive.allGone())

  test('a resumed download counts what it was resumed with', async () => {
    const client = await drive.ftp('carol')
    drive.download(client, 'big.bin', 4 << 20)
    const session = await drive.only(({ transferredBytes }) => transferredBytes! > 4 << 20)
    expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(session.transferredBytes).toBeLessThan(5 << 20)
  })

  test('a long directory, whole', async () => {
    const directory = 'длинный-каталог-'.repeat(7)
    mkdirSync(join(server.users.dave.home, directory), { mode: 0o777 })
    await (await drive.ftp('dave')).cd(directory)
    await drive.only(({ location }) => location === `/${directory}`)
  })

  test('whose account it is, asked once for each session', async () => {
    const accounts = jest.fn(async (login: string) =>
      login === 'alice' ? ({ type: 'web-user', domain: 'example.org' } as const) : null,
    )
    const asking = new Drive(
      server.port,
      server.alone(pureFtpd({ program: pureFtpwho, accounts, anonymous: ['carol'] })),
    )
    for (const login of ['alice', 'carol', 'dave']) await drive.raw(login)
    for (let look = 0; look < 2; look++) {
      const sessions = await asking.count(3)
      const types = Object.fromEntries(sessions.map(({ login, type, domain }) => [login, [type, domain]]))
      expect(types).toEqual({
        alice: ['web-user', 'example.org'],
        carol: ['anonymous', null],
        dave: ['not-registered', null],
      })
    }
    // Other sessions of this machine may be asked for, too.
    expect(accounts.mock.calls.filter(([login]) => login === 'alice')).toHaveLength(1)
  })
})
