import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { servU } from '../../../../src/collectors/ftp/serv-u/serv-u.js'
import { logKeepsTheContract, type LogStandIn, Sessions } from '../log/log-stand-in.js'

logKeepsTheContract('servU', 'Serv-U', standIn)

/** By the lines that docs/servers/serv-u.md describes. */
function standIn(adapter: typeof servU, directory: string): LogStandIn {
  const log = join(directory, 'serv-u.log')
  const open = new Sessions<true>()
  let latest = 0
  const write = (session: string, text: string) => {
    const [weekday, day, month, year, time] = new Date().toUTCString().replace(',', '').split(' ')
    appendFileSync(log, `[02] ${weekday} ${day}${month}${year!.slice(2)} ${time} - (${session}) ${text}\r\n`)
  }
  const leave = (id: string) => {
    if (!open.remove(id)) return 'already-gone'
    write(id, 'Closed session')
    return 'asked'
  }
  writeFileSync(log, '')
  return {
    log,
    source: adapter({ log, timeZone: 'UTC', end: async ({ handle }) => leave(handle.session!) }),
    enter(login) {
      const id = open.add(String(++latest).padStart(6, '0'), true)
      write(id, 'Connected to 192.0.2.1 (local address 198.51.100.1, port 21)')
      write(id, `User "${login}" logged in`)
      return id
    },
    act(id) {
      write(id, 'Sending file "C:\\a.bin"')
      write(id, 'Sent file "C:\\a.bin" successfully (1.0 MB/sec - 1000 bytes)')
    },
    leave,
    isThere: (id) => open.of(id) ?? false,
  }
}
