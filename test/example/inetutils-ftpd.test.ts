import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { renameSync, writeFileSync } from 'node:fs'
import { ftpClient } from '../../examples/adapter/ftp-client.mjs'
import { inetutilsFtpd } from '../../examples/adapter/inetutils-ftpd.mjs'
import { RemovalRefused } from '../../src/session-source.js'
import { checkSource } from '../../src/testing/index.js'
import { inetutilsMissing, startInetutilsFtpd } from '../servers/inetutils-ftpd.js'
import { thorough } from '../thorough.js'
import { patience, until } from '../until.js'

const describeReal = inetutilsMissing ? describe.skip : describe
describeReal(`a real ftpd of GNU inetutils${inetutilsMissing ? ` (${inetutilsMissing})` : ''}`, () => {
  let server: Awaited<ReturnType<typeof startInetutilsFtpd>>
  const { signal } = new AbortController()

  beforeAll(async () => {
    server = await startInetutilsFtpd()
  })
  afterAll(() => server?.stop())

  async function connect(login: string) {
    const client = await ftpClient(server.port)
    await client.logOn(login)
    return client
  }

  const testThoroughly = thorough ? test : () => {}
  testThoroughly('keeps the contract, by the adapter of the example and its client', async () => {
    const { notChecked } = await checkSource(
      inetutilsFtpd({ passwd: server.passwd }),
      {
        logins: ['alice', 'bob'],
        connect,
        connectWithoutLogon: () => ftpClient(server.port),
        async breakServer() {
          renameSync(server.passwd, `${server.passwd}.away`)
          return async () => renameSync(`${server.passwd}.away`, server.passwd)
        },
      },
      patience,
    )
    expect(notChecked.map(({ name }) => name)).toEqual([
      'download-progress',
      'end-refuses-where-it-cannot',
      ...['keep-out-keeps-out', 'keep-out-lets-others-in', 'keep-out-releases'],
      ...['start-stops-with-its-signal', 'start-leaks-nothing'],
    ])
  })

  test('shows a session before and after its logon, and what it downloads', async () => {
    const source = inetutilsFtpd({ passwd: server.passwd })
    await until('nobody', async () => (await source.list(signal)).length === 0)
    const client = await ftpClient(server.port)
    const [early] = await source.list(signal)
    expect(early).toMatchObject({ login: null, status: null, ip: '127.0.0.1', transferredBytes: null })
    await client.logOn('alice')
    const [session] = await source.list(signal)
    const home = server.passwd.replace(/passwd$/, 'alice')
    expect(session).toMatchObject({ key: early!.key, login: 'alice', status: 'idle', location: home })
    const { finish } = await client.download()
    const moving = await until('a download', async () =>
      (await source.list(signal)).find(({ status }) => status === 'downloading'),
    )
    expect(moving).toMatchObject({ fileName: `${home}/big.bin`, transferredBytes: null, totalBytes: null })
    await finish()
    await client.disconnect()
  })

  test('a user of several names is none of them; whoever is somebody else by now is not ended', async () => {
    const names = `${server.passwd}.names`
    writeFileSync(names, 'alice:x:2071:\nbob:x:2072:\n')
    const source = inetutilsFtpd({ passwd: names })
    await until('nobody', async () => (await source.list(signal)).length === 0)
    const client = await connect('alice')
    const [session] = await source.list(signal)
    writeFileSync(names, 'alice:x:2071:\nalias:x:2071:\nbob:x:2072:\n')
    expect(await source.list(signal)).toMatchObject([{ login: null }])
    await expect(source.end(session!, signal, async () => [])).rejects.toThrow(RemovalRefused)
    expect(await client.isConnected()).toBe(true)
    await client.disconnect()
  })
})
