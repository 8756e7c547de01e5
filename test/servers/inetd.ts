import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programOf, unpackedLibraries } from './unpacked.js'

/** Why there is no xinetd here, or null: for `describe.skip`. */
export const xinetdMissing = programOf('xinetd') ? null : "no xinetd (Debian's package xinetd)"

/** The command by which xinetd starts a program for each connection to a loopback port. It stays in the foreground. */
export function xinetdCommand(dir: string, port: number, [program, ...args]: string[]): [string, ...string[]] {
  const service = [
    ...['type = UNLISTED', 'socket_type = stream', 'protocol = tcp', 'wait = no', 'user = root'],
    ...[`port = ${port}`, 'bind = 127.0.0.1', `server = ${program}`, `server_args = ${args.join(' ')}`],
    ...['instances = UNLIMITED', 'per_source = UNLIMITED', 'cps = 1000 1'],
  ]
  const config = join(dir, 'xinetd.conf')
  writeFileSync(config, ['service under-test', '{', ...service, '}', ''].join('\n'))
  return [programOf('xinetd')!, '-dontfork', '-f', config, '-pidfile', join(dir, 'xinetd.pid')]
}

/**
 * What systemd does with Accept=yes and StandardInput=socket, for it cannot run here: the connection is the program's
 * descriptors 0, 1 and 2, and the program leads a session of its own and is a child of the first process.
 */
function acceptCommand(_dir: string, port: number, command: string[]): [string, ...string[]] {
  const script = `
    import { spawn } from 'node:child_process'
    import { createServer } from 'node:net'
    createServer({ pauseOnConnect: true }, (socket) => {
      spawn('setsid', ['--fork', ...process.argv.slice(1)], { stdio: [socket, socket, socket] })
      socket.destroy()
    }).listen(${port}, '127.0.0.1')`
  return [process.execPath, '--input-type=module', '--eval', script, '--', ...command]
}

const commands = { xinetd: xinetdCommand, accept: acceptCommand }
export type Inetd = keyof typeof commands

/** Starts what starts a program for each connection, and gives its pid. What it has started lives on when that is killed. */
export function startInetd(inetd: Inetd, dir: string, port: number, command: string[]): number {
  const [program, ...args] = commands[inetd](dir, port, command)
  const child = spawn(program, args, { stdio: 'ignore', env: { ...process.env, ...unpackedLibraries } })
  child.unref()
  return child.pid!
}
