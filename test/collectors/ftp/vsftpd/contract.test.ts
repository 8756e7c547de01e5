import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { checkSource } from '../../../../src/testing/index.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'
import { patience } from '../../../until.js'

/** What the source has no way to do, or cannot be made to happen here: other tests' servers are listed as well. */
const LACKING = [
  'end-refuses-who-changed',
  'end-refuses-where-it-cannot',
  'failing-server-throws',
  'failure-explained',
  'recovers',
  'survivors-listed',
  'keep-out-keeps-out',
  'keep-out-lets-others-in',
  'keep-out-releases',
  'start-stops-with-its-signal',
  'start-leaks-nothing',
]

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  beforeAll(async () => {
    server = await startVsftpd()
  })
  afterAll(() => server?.stop())

  test('keeps the contract', async () => {
    const report = await checkSource(server.alone(vsftpd()), ftpScenario(server.port, ['alice', 'carol']), patience)
    expect(report.notChecked.map(({ name }) => name).sort()).toEqual([...LACKING].sort())
  })
})
