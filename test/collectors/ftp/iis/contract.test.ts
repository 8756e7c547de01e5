import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { iisFtp } from '../../../../src/collectors/ftp/iis/iis-ftp.js'
import { logKeepsTheContract, type LogStandIn, Sessions } from '../log/log-stand-in.js'

logKeepsTheContract('iisFtp', 'IIS', standIn)

/** By the fields that docs/servers/iis.md asks for; Terminate takes a Windows, so `end` stands in for it. */
function standIn(adapter: typeof iisFtp, directory: string): LogStandIn {
  const log = join(directory, 'u_ex261123.log')
  const open = new Sessions<string>()
  let latest = 0
  const write = (id: string, user: string, port: number, rest: string, path = '-') => {
    const [date, time] = new Date().toISOString().split(/[T.]/)
    appendFileSync(log, `${date} ${time} 192.0.2.1 ${user} 198.51.100.1 ${port} ${rest} 0 0 ${id} ${path}\r\n`)
  }
  const leave = (id: string) => {
    const user = open.of(id)
    if (user === undefined) return 'already-gone'
    open.remove(id)
    write(id, user, 21, 'ControlChannelClosed - -')
    return 'asked'
  }
  const fields =
    'c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath'
  writeFileSync(log, `#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time ${fields}\r\n`)
  return {
    log,
    source: adapter({ log, end: async ({ handle }) => leave(handle.session!) }),
    enter(login) {
      const id = open.add(`5242ddb2-95f5-43b1-b19d-${String(++latest).padStart(12, '0')}`, login)
      write(id, '-', 21, 'ControlChannelOpened - -')
      write(id, '-', 21, `USER ${login} 331`)
      write(id, login, 21, 'PASS *** 230', '/')
      return id
    },
    act: (id) => write(id, open.of(id)!, 21, 'CWD in 250', '/in'),
    leave,
    isThere: (id) => open.of(id) !== undefined,
  }
}
