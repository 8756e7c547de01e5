import { afterAll, beforeAll, describe } from '@jest/globals'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { thorough } from '../../../thorough.js'
import { transfersAreTrue, waysToStart } from '../beside-the-transfer.js'

const describeReal = pureFtpdMissing ? describe.skip : describe
describeReal(`a real Pure-FTPd with other files open${pureFtpdMissing ? ` (${pureFtpdMissing})` : ''}`, () => {
  const logs = ['-O', 'clf:{dir}/dave/transfer.log', '-O', 'stats:{dir}/dave/deep/big.bin']
  const ways = waysToStart.map((way) => ({ ...way, options: [] as string[] }))
  ways.push({ ...ways[0]!, title: 'its logs in the home', options: logs })

  // Of the ways the one with the most open.
  describe.each(thorough ? ways : ways.slice(2, 3))('$title', ({ descriptors, options }) => {
    let server: PureFtpdServer
    beforeAll(async () => (server = await startPureFtpd(options, { descriptors: (dir) => descriptors(dir, 'dave') })))
    afterAll(() => server?.stop())
    const stage = () => ({
      ...{ port: server.port, home: server.users.dave.home, login: 'dave' },
      source: () => server.alone(pureFtpd({ program: pureFtpwho })),
    })
    transfersAreTrue(stage, { tellsWaiting: false })
  })
})
