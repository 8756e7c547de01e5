import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { proftpd } from '../../src/collectors/ftp/proftpd/proftpd.js'
import { checkSource } from '../../src/testing/index.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../servers/proftpd.js'
import { ftpScenario } from './ftp-scenario.js'

jest.setTimeout(110_000)

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  beforeAll(async () => {
    server = await startProftpd()
  })
  afterAll(() => server.stop())

  test('keeps the contract', async () => {
    const scenario = ftpScenario(server.port, ['alice', 'dave'], {
      async breakServer() {
        await server.crash()
        return () => server.start()
      },
    })
    const { notChecked } = await checkSource(proftpd({ scoreboard: server.scoreboard }), scenario)
    expect(notChecked).toEqual([])
  })
})
