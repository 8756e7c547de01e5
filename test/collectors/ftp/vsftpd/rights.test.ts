import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { processStat } from '../../../../src/collectors/ftp/os/proc.js'
import type { SessionIdentity } from '../../../../src/collectors/ftp/vsftpd/end-vsftpd-session.js'
import { stopped } from '../../../servers/stopped.js'
import { childrenOf } from '../../../servers/tree.js'
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
    const { sessions, end } = await nobody.run('vsftpd/vsftpd.js#vsftpd', {}, 'carol', { of: server.pid })
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
    expect((await nobody.run('vsftpd/vsftpd.js#vsftpd', { endHelper }, 'carol', { of: server.pid })).end).toBe('asked')
    await until('the client is cut', () => carol.control.closed)
    expect(await alice.command('NOOP')).toMatch(/^200/)
    alice.close()
  })

  test('ends by force one whose parent hangs, through sudo', async () => {
    const endHelper = nobody.allowEnding()
    const carol = await RawClient.connect(server.port, 'carol')
    const { sessions } = await nobody.run('vsftpd/vsftpd.js#vsftpd', { endHelper })
    const listed = sessions as { login: string | null; handle: SessionIdentity }[]
    const { pid } = listed.find(({ handle }) => childrenOf(server.pid).includes(handle.pid))!.handle
    await stopped(pid)
    expect(
      (await nobody.run('vsftpd/vsftpd.js#vsftpd', { endHelper }, 'carol', { force: true, of: server.pid })).end,
    ).toBe('asked')
    await until('the client is cut', () => carol.control.closed)
  })

  test('the program for sudo ends no more than one session, whatever number it is given', async () => {
    const helper = nobody.allowEnding()
    const clients = [await RawClient.connect(server.port, 'carol'), await RawClient.connect(server.port)]
    const parents = childrenOf(server.pid)
    expect(parents).toHaveLength(2)
    // A listener's child is another's whole session; one's own child serves it.
    for (const pid of [server.pid, ...parents.flatMap(childrenOf)])
      for (const more of [[], ['force']]) {
        const args = [String(pid), String(processStat(pid)!.startTicks), ...more]
        const { status, stderr } = spawnSync(helper, args, { encoding: 'utf8' })
        expect({ status, stderr }).toEqual({
          status: 4,
          stderr: expect.stringMatching(/is (not a child of )?vsftpd's listener/),
        })
      }
    for (const client of clients) expect(await client.command('NOOP')).toMatch(/^(200|530)/)
    const [pid] = parents as [number]
    expect(spawnSync(helper, [String(pid), String(processStat(pid)!.startTicks + 1)]).status).toBe(3)
    expect(await clients[0]!.command('NOOP')).toMatch(/^200/)
    clients.forEach((client) => client.close())
  })
})
