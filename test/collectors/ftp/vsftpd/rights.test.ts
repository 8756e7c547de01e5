import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { until } from '../../../until.js'
import { RawClient } from '../proftpd/raw-client.js'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a back office that is not root, and vsftpd${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  let nobody: Unprivileged
  beforeAll(async () => {
    server = await startVsftpd()
    nobody = makeUnprivileged()
  })
  afterAll(async () => {
    nobody?.remove()
    await server?.stop()
  })

  test('lists what the titles say, and is told that it may not end', async () => {
    const client = await RawClient.connect(server.port, 'carol')
    const data = await client.begin('STOR sent.bin')
    data.write(Buffer.alloc(4096))
    const { sessions, end } = await nobody.run('vsftpd/vsftpd.js#vsftpd', {}, 'carol')
    expect(sessions).toContainEqual(
      expect.objectContaining({
        ...{ login: 'carol', status: 'uploading', command: 'STOR sent.bin', fileName: 'sent.bin', ip: '127.0.0.1' },
        ...{ protocol: 'ftp', location: null, transferredBytes: null, lastActiveAt: null },
      }),
    )
    expect(end).toMatch(/^RemovalRefused: This back office \(uid 65534\) is not allowed to end process \d+/)
    data.end()
    await client.reply()
    expect(await client.command('NOOP')).toMatch(/^200/)
    client.close()
  })

  test('ends that one session through sudo', async () => {
    const endHelper = nobody.allowEnding()
    const [carol, alice] = [
      await RawClient.connect(server.port, 'carol'),
      await RawClient.connect(server.port, 'alice'),
    ]
    expect((await nobody.run('vsftpd/vsftpd.js#vsftpd', { endHelper }, 'carol')).end).toBe('asked')
    await until('the client is cut', () => carol.control.closed)
    expect(await alice.command('NOOP')).toMatch(/^200/)
    alice.close()
  })
})
