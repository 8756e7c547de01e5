import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { childrenOf } from '../../../servers/tree.js'
import { asNobody, belowInit, inNamespace, makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { until } from '../../../until.js'
import { RawClient } from '../proftpd/raw-client.js'

const SOURCE = 'vsftpd/vsftpd.js#vsftpd'

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd in a PID namespace of its own${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let server: VsftpdServer
  let elsewhere: Unprivileged
  beforeAll(async () => {
    elsewhere = makeUnprivileged()
    // vsftpd 3.0.3 crashes as the first process of a namespace, as soon as a session's process is left without its parent.
    server = await startVsftpd([], { within: belowInit })
  })
  afterAll(async () => {
    elsewhere?.remove()
    await server?.stop()
  })

  test.each([
    ['root', []],
    ['an unprivileged user', asNobody],
  ])('seen from another namespace by %s: the source fails, and says what to share', async (_, user) => {
    const client = await RawClient.connect(server.port, 'alice')
    const within = [...inNamespace, ...user]
    const { sessions, error, end } = await elsewhere.run(SOURCE, {}, 'alice', { within })
    expect({ sessions, end }).toEqual({})
    expect(error).toMatch(/^vsftpd does not run: .*container, let the back office share its PID namespace/)
    expect(await client.command('NOOP')).toMatch(/^200/)
    client.close()
  })

  test('where /proc is that of another namespace, no number in it is believed', async () => {
    const within = ['unshare', '--pid', '--fork', '--kill-child']
    const { error } = await elsewhere.run(SOURCE, {}, '', { within })
    expect(error).toMatch(/^\/proc is not that of this process's PID namespace/)
  })

  // It keeps no list: its processes are found here, and by the numbers that they have here.
  test('seen from outside, its sessions are listed and ended', async () => {
    const [init] = childrenOf(server.pid)
    const [listener] = childrenOf(init!)
    const client = await RawClient.connect(server.port, 'alice')
    const source = vsftpd()
    const { signal } = new AbortController()
    const list = () => source.list(signal)
    const pidOf = (session: { handle?: unknown }) => (session.handle as { pid: number }).pid
    const session = await until('its session', async () =>
      (await list()).find((one) => one.login === 'alice' && childrenOf(listener!).includes(pidOf(one))),
    )
    expect(await source.end(session, signal, list)).toBe('asked')
    await until('its client sees it', () => client.control.closed)
  })
})
