import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programOf, unpackedLibraries } from './unpacked.js'

/** Why there is no xinetd here, or null: for `describe.skip`. */
export const xinetdMissing = programOf('xinetd') ? null : "no xinetd (Debian's package xinetd)"

/**
 * Who starts a program for each connection to a loopback port, with the connection as its descriptors 0, 1 and 2: gives
 * the pid of the process that waits for them. What it has started lives on when that is killed.
 */
export const inetds = {
  xinetd(dir: string, port: number, [program, ...args]: [string, ...string[]]): number {
    const service = [
      ...['type = UNLISTED', 'socket_type = stream', 'protocol = tcp', 'wait = no', 'user = root'],
      ...[`port = ${port}`, 'bind = 127.0.0.1', `server = ${program}`, `server_args = ${args.join(' ')}`],
      ...['instances = UNLIMITED', 'per_source = UNLIMITED', 'cps = 1000 1'],
    ]
    const config = join(dir, 'xinetd.conf')
    writeFileSync(config, ['service under-test', '{', ...service, '}', ''].join('\n'))
    const options = ['-dontfork', '-f', config, '-pidfile', join(dir, 'xinetd.pid')]
    const env = { ...process.env, ...unpackedLibraries }
    return started(spawn(programOf('xinetd')!, options, { stdio: 'ignore', env }))
  },

  /** As systemd does with Accept=yes and StandardInput=socket: it leads a session of its own, and is a child of the first process. */
  accept(_dir: string, port: number, command: [string, ...string[]]): number {
    const script = `
      import { type ChildProcess, spawn } from 'node:child_process'
      import { createServer } from 'node:net'
      createServer({ pauseOnConnect: true }, (socket) => {
        spawn('setsid', ['--fork', ...process.argv.slice(1)], { stdio: [socket, socket, socket] })
        socket.destroy()
      }).listen(${port}, '127.0.0.1')`
    const args = ['--input-type=module', '--eval', script, '--', ...command]
    return started(spawn(process.execPath, args, { stdio: 'ignore' }))
  },
}

function started(child: ChildProcess): number {
  child.unref()
  return child.pid!
}
