import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { checkSource } from '../../../../src/testing/index.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'

jest.setTimeout(110_000)

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`a real Pure-FTPd${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  let server: PureFtpdServer
  beforeAll(async () => {
    server = await startPureFtpd()
  })
  afterAll(() => server?.stop())

  test('keeps the contract', async () => {
    const program = join(server.dir, 'pure-ftpwho')
    symlinkSync(pureFtpwho, program)
    const scenario = ftpScenario(server.port, ['alice', 'dave'], {
      async breakServer() {
        renameSync(program, `${program}.away`)
        return async () => renameSync(`${program}.away`, program)
      },
    })
    const report = await checkSource(server.alone(pureFtpd({ program })), scenario)
    expect(report.notChecked).toEqual([])
  })
})
