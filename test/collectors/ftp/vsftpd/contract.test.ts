import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { checkSource } from '../../../../src/testing/index.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'

jest.setTimeout(110_000)

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  beforeAll(async () => {
    server = await startVsftpd()
  })
  afterAll(() => server?.stop())

  test('keeps the contract', async () => {
    const report = await checkSource(server.alone(vsftpd()), ftpScenario(server.port, ['alice', 'carol']))
    expect(report.notChecked).toEqual([])
  })
})
