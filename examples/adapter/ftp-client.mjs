import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const MiB = 1 << 20

/**
 * A client as the kit wants it (`ScenarioClient`), by FTP alone: it does one command at a time, and its transfers stand
 * still until the kit says `more`. Connected, and not logged in.
 *
 * @param {number} port of a server on this machine
 * @param {{ localAddress?: string, password?: string }} options where it comes from: on Linux any address in 127.0.0.0/8
 */
export async function ftpClient(port, { localAddress, password = 'secret' } = {}) {
  const open = (to) => connect({ host: '127.0.0.1', port: to, localAddress }).on('error', () => {})
  // Names are bytes: as latin1 each byte is a character.
  const control = open(port).setEncoding('latin1')
  const lines = createInterface({ input: control, crlfDelay: Infinity })[Symbol.asyncIterator]()

  async function reply() {
    for (;;) {
      const { value: line, done } = await lines.next()
      if (done) throw new Error('The server has closed the connection.')
      // The lines of a reply before its last have a minus there, or no code.
      if (/^\d{3} /.test(line)) return line
    }
  }
  async function send(command) {
    if (!control.writable) throw new Error('The connection is closed.')
    control.write(`${command}\r\n`, 'latin1')
    return reply()
  }
  async function expect(code, command) {
    const answer = await (command ? send(command) : reply())
    if (!answer.startsWith(code)) throw new Error(`The server answered ${answer} to ${command ?? 'what was sent'}.`)
    return answer
  }
  let data
  /** The data connection of a transfer that has begun. */
  async function begin(command) {
    const answer = await expect('227', 'PASV')
    const [high, low] = answer
      .match(/\d+,\d+(?=\))/)[0]
      .split(',')
      .map(Number)
    data = open(high * 256 + low)
    await expect('1', command)
    return data
  }
  async function logOn(login) {
    await expect('331', `USER ${login}`)
    await expect('230', `PASS ${password}`)
  }

  await expect('220')
  return {
    logOn,
    // Where the server lets somebody who is logged in log on again as somebody else. Leave it out where yours does not.
    become: logOn,
    isConnected: () =>
      send('NOOP').then(
        (answer) => answer.startsWith('2'),
        () => false,
      ),
    act: () => expect('2', 'CWD .'),
    async disconnect() {
      data?.destroy()
      if (control.closed) return
      control.destroy()
      await once(control, 'close')
    },

    async upload() {
      const data = await begin('STOR sent.bin')
      const more = async () => {
        if (!data.write(Buffer.alloc(MiB))) await once(data, 'drain')
      }
      const finish = async () => {
        data.end()
        await expect('226')
      }
      await more()
      return { more, finish }
    },

    // Of at least 16 MiB: what is not read here waits in the server.
    async download() {
      const data = await begin('RETR big.bin')
      const more = async () => {
        for (let taken = 0; taken < MiB;) {
          const chunk = data.read()
          if (chunk) taken += chunk.length
          else await once(data, 'readable')
        }
      }
      const finish = async () => {
        data.resume()
        await expect('226')
      }
      await more()
      return { more, finish }
    },

    // 0xFF is sent twice: FTP goes over Telnet, where one 0xFF begins a command (RFC 854; RFC 959, section 3.1.1.5.1).
    async useName(name) {
      if (/[\r\n\0]/.test(name.toString('latin1'))) throw new Error('FTP has no way to send such a name.')
      const sent = name.toString('latin1').replaceAll('\xff', '\xff\xff')
      await send(`MKD ${sent}`)
      await expect('2', `CWD ${sent}`)
    },
  }
}
