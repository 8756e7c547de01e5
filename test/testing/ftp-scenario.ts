import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import type { Scenario, ScenarioClient, ScenarioTransfer } from '../../src/testing/index.js'
import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'

const MiB = 1 << 20

/**
 * Everything that can be done at a real FTP server on this machine by FTP alone. Every password is `secret`, and both
 * accounts may write to where they are after their logon.
 *
 * @param more what takes more than FTP: breaking the server, and stalling it
 */
export function ftpScenario(
  port: number,
  logins: Scenario['logins'],
  more: Pick<Scenario, 'breakServer' | 'stallServer' | 'cannotEnd'> = {},
): Scenario {
  return {
    logins,
    addresses: ['127.0.0.1', '127.0.0.2'],
    async connect(login, address) {
      const forwarded = address === undefined ? undefined : await forwardFrom(address, port)
      try {
        return clientOf(await loggedIn(forwarded?.port ?? port, login))
      } finally {
        forwarded?.close()
      }
    },
    connectWithoutLogon: async () => clientOf(await RawClient.connect(port)),
    ...more,
  }
}

async function loggedIn(port: number, login: string): Promise<RawClient> {
  const ftp = await RawClient.connect(port, login)
  expectReply(await ftp.command('PWD'), /^257/)
  return ftp
}

/** A port whose connection goes on to the server from another local address. */
async function forwardFrom(address: string, port: number): Promise<{ port: number; close(): void }> {
  const server = createServer((client) => {
    const onward = connect({ host: '127.0.0.1', port, localAddress: address })
    // Whoever ends first ends the other; why is for the server's reply to say.
    pipeline(client, onward, client, () => undefined)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

function clientOf(ftp: RawClient): ScenarioClient {
  return {
    isConnected: async () => /^2/.test(await ftp.command('NOOP')),
    act: async () => expectReply(await ftp.command('CWD .'), /^250/),
    async disconnect() {
      if (ftp.control.closed) return
      ftp.close()
      await once(ftp.control, 'close')
    },
    async logOn(login) {
      await ftp.command(`USER ${login}`)
      expectReply(await ftp.command('PASS secret'), /^230/)
    },
    async upload() {
      const data = await ftp.begin('STOR sent.bin')
      return {
        more: () => write(data, Buffer.alloc(MiB)),
        async finish() {
          data.end()
          expectReply(await ftp.reply(), /^226/)
        },
      }
    },
    download: () => download(ftp),
    async useName(name) {
      if (/[\r\n\0]/.test(name.toString('latin1'))) throw new Error('FTP has no way to send such a name.')
      // Telnet, over which FTP goes, says it twice (RFC 959, section 3.1.1.5.1; RFC 854).
      const sent = Buffer.from(name.toString('latin1').replaceAll('\xff', '\xff\xff'), 'latin1')
      await ftp.command(Buffer.concat([Buffer.from('MKD '), sent]))
      expectReply(await ftp.command(Buffer.concat([Buffer.from('CWD '), sent])), /^250/)
    },
  }
}

async function download(ftp: RawClient): Promise<ScenarioTransfer> {
  const sending = await ftp.begin('STOR big.kit')
  sending.end(Buffer.alloc(16 * MiB))
  expectReply(await ftp.reply(), /^226/)
  const data = await ftp.begin('RETR big.kit')
  return {
    more: () => read(data, MiB),
    async finish() {
      data.destroy()
      expectReply(await ftp.reply(), /^(226|426|451|551)/)
    },
  }
}

async function write(data: Socket, bytes: Buffer): Promise<void> {
  if (!data.write(bytes)) await once(data, 'drain')
}

async function read(data: Socket, least: number): Promise<void> {
  for (let taken = 0; taken < least;) {
    const chunk = data.read() as Buffer | null
    if (chunk) taken += chunk.length
    else await once(data, 'readable')
  }
}

function expectReply(reply: string, expected: RegExp): void {
  if (!expected.test(reply)) throw new Error(`The server replied ${JSON.stringify(reply)}.`)
}
