import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { thorough } from '../../../thorough.js'
import { transfersAreTrue, waysToStart } from '../beside-the-transfer.js'
import { Drive } from '../drive.js'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd with other files open${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  const logs = [
    ...['xferlog_enable=YES', 'dual_log_enable=YES', 'log_ftp_protocol=YES'],
    ...['xferlog_file={dir}/alice/transfer.log', 'vsftpd_log_file={dir}/alice/deep/big.bin'],
  ]
  const ways = waysToStart.map((way) => ({ ...way, settings: [] as string[] }))
  ways.push({ ...ways[0]!, title: 'its logs in the home', settings: logs })

  // Of the ways the one with the most open.
  describe.each(thorough ? ways : ways.slice(2, 3))('$title', ({ descriptors, settings }) => {
    let server: VsftpdServer
    beforeAll(async () => (server = await startVsftpd(settings, { descriptors: (dir) => descriptors(dir, 'alice') })))
    afterAll(() => server?.stop())
    transfersAreTrue(() => ({
      ...{ port: server.port, home: server.users.alice.home, login: 'alice' },
      source: () => server.alone(vsftpd()),
    }))
  })
  describe('logins that are locked into nothing', () => {
    let server: VsftpdServer
    let drive: Drive
    beforeAll(async () => {
      const unlocked = ['chroot_local_user=NO', 'local_root=/', ...logs]
      server = await startVsftpd(unlocked, { descriptors: (dir) => waysToStart[2]!.descriptors(dir, 'alice') })
      drive = new Drive(server.port, server.alone(vsftpd()))
    })
    afterEach(() => drive.allGone())
    afterAll(() => server?.stop())

    test.each([0, 3])('move what they name, after %s looks before', async (looks) => {
      const client = await drive.raw('alice')
      for (let look = 0; look < looks; look++) await drive.list()
      const [big, up] = ['big.bin', 'up.bin'].map((name) => join(server.users.alice.home, name))
      const data = await client.begin(`RETR ${big}`)
      const down = await drive.only(({ totalBytes }) => totalBytes !== null)
      expect(down).toMatchObject({ status: 'downloading', fileName: big, totalBytes: BIG, location: '/' })
      data.destroy()
      await client.reply()
      const sent = await client.begin(`STOR ${up}`)
      sent.write(Buffer.alloc(555))
      await drive.only(({ transferredBytes, fileName }) => transferredBytes === 555 && fileName === up)
    })
  })
})
