import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { ListedFtpSession } from '../../../../src/session-source.js'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { BIG } from '../../../servers/ftp-home.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { Drive } from '../drive.js'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd, in its own states${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  let slow: VsftpdServer
  let drive: Drive

  beforeAll(async () => {
    server = await startVsftpd()
    slow = await startVsftpd(['local_max_rate=102400'])
    drive = new Drive(server.port, server.alone(vsftpd({ anonymous: [server.anonymousLogin] })))
  })
  afterAll(() => Promise.all([server?.stop(), slow?.stop()]))
  afterEach(() => drive.allGone())

  test('anonymous', async () => {
    const client = await drive.ftp('anonymous')
    const session = await drive.only(({ login }) => login === server.anonymousLogin)
    expect(session).toMatchObject({ type: 'anonymous', location: '/', domain: null })
    drive.download(client, 'big.bin')
    const moving = await drive.only(({ transferredBytes }) => transferredBytes! > 0)
    expect(moving).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
  })

  test('an upload under a name that the server chose', async () => {
    const client = await drive.raw('alice')
    const data = await client.begin('STOU')
    data.write(Buffer.alloc(5000))
    const session = await drive.only(({ transferredBytes }) => transferredBytes === 5000)
    expect(session).toMatchObject({ status: 'uploading', command: 'STOU', fileName: expect.stringMatching(/^STOU/) })
  })

  test('a resumed download through sendfile(2) counts what it was resumed with, once it is seen to move', async () => {
    const client = await drive.raw('alice')
    await client.command('REST 1000000')
    const data = await client.begin('RETR big.bin')
    const first = await drive.only(({ status }) => status === 'downloading')
    expect(first.transferredBytes).toBeNull()
    // A little more for each look: the kernel takes the more in advance the faster it is read, up to all of it.
    let [received, wanted] = [0, 0]
    data.on('data', (chunk) => {
      received += chunk.length
      if (received > wanted) data.pause()
    })
    const moved = await drive.only(({ transferredBytes }) => {
      if (transferredBytes !== null) return transferredBytes >= 1_000_000 + received
      wanted += 200_000
      data.resume()
      return false
    })
    expect(moved.transferredBytes).toBeLessThanOrEqual(BIG)
  })

  test('a resumed download that the server slows down counts what it was resumed with', async () => {
    const slowly = new Drive(slow.port, slow.alone(vsftpd()))
    slowly.download(await slowly.ftp('carol'), 'big.bin', 4 << 20)
    const session = await slowly.only(({ transferredBytes }) => transferredBytes! > 4 << 20)
    expect(session).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
    expect(session.transferredBytes).toBeLessThan(5 << 20)
    await slowly.allGone()
  })

  test('a download whose client does not take the data has moved nothing', async () => {
    const client = await drive.raw('alice')
    await client.passive()
    client.send('RETR big.bin')
    const isDownloading = ({ status, transferredBytes }: ListedFtpSession) =>
      status === 'downloading' && transferredBytes !== null
    expect(await drive.only(isDownloading)).toMatchObject({ transferredBytes: 0 })
  })
})
