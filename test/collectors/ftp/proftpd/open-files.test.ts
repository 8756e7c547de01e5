import { afterAll, beforeAll, describe, jest } from '@jest/globals'
import { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../../../servers/proftpd.js'
import { transfersAreTrue, waysToStart } from '../beside-the-transfer.js'

jest.setTimeout(60_000)

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD with other files open${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  describe.each(waysToStart)('$title', ({ descriptors }) => {
    let server: ProftpdServer
    beforeAll(async () => (server = await startProftpd([], (dir) => descriptors(dir, 'dave'))))
    afterAll(() => server?.stop())
    transfersAreTrue(() => ({
      ...{ port: server.port, home: server.users.dave.home, login: 'dave' },
      source: () => proftpd({ scoreboard: server.scoreboard }),
    }))
  })
})
