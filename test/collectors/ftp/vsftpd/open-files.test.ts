import { afterAll, beforeAll, describe, jest } from '@jest/globals'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { transfersAreTrue, waysToStart } from '../beside-the-transfer.js'

jest.setTimeout(60_000)

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd with other files open${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  describe.each(waysToStart)('$title', ({ descriptors }) => {
    let server: VsftpdServer
    beforeAll(async () => (server = await startVsftpd([], (dir) => descriptors(dir, 'alice'))))
    afterAll(() => server?.stop())
    transfersAreTrue(() => ({
      ...{ port: server.port, home: server.users.alice.home, login: 'alice' },
      source: () => server.alone(vsftpd()),
    }))
  })
})
