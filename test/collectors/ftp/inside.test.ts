import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '../../../src/collectors/ftp/os/tcp-connections.js'
import { lookInto, type OpenAtRest, type Sought } from '../../../src/collectors/ftp/os/moved-file.js'
import { dataConnection } from '../../../src/collectors/ftp/os/session-process.js'

const dir = mkdtempSync(join(tmpdir(), 'inside-'))
const running: (() => void)[] = []
afterEach(() => running.splice(0).forEach((end) => end()))
afterAll(() => rmSync(dir, { recursive: true }))

const file = (name: string, bytes = 1000) => {
  writeFileSync(join(dir, name), Buffer.alloc(bytes))
  return name
}

interface Opened {
  name: string
  flags: number
  /** How far it has been read. */
  read?: number
}

/** A process with these files open, from descriptor 3 on, whose parent is another program. */
async function processWith(...opened: Opened[]): Promise<number> {
  return processOn(['ignore', 'ignore', 'ignore', ...opened.map(open)])
}

async function processOn(stdio: ('ignore' | number)[]): Promise<number> {
  const child = spawn('sleep', ['600'], { cwd: dir, stdio })
  running.push(() => child.kill('SIGKILL'))
  for (const one of new Set(stdio)) if (typeof one === 'number') closeSync(one)
  await new Promise((resolve) => child.once('spawn', resolve))
  return child.pid!
}

function open({ name, flags, read = 0 }: Opened): number {
  const descriptor = openSync(join(dir, name), flags)
  if (read > 0) readSync(descriptor, Buffer.alloc(read))
  return descriptor
}

const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND } = constants
const down: Sought = { direction: 'down', name: '', cut: false, opensNoOther: false }
const up: Sought = { direction: 'up', name: '', cut: false, opensNoOther: true }

const moved = async (pid: number, sought: Sought, atRest: OpenAtRest | null = null) =>
  (await lookInto(pid, { for: 'transfer', sought: [sought] }, atRest))!.file

async function atRest(pid: number, looks: number, loggedIn = true): Promise<OpenAtRest | null> {
  let known: OpenAtRest | null = null
  for (let look = 0; look < looks; look++) known = (await lookInto(pid, { for: 'rest', loggedIn }, known))!.atRest
  return known
}

describe('the file that a process moves', () => {
  test('is the one that the client named, and no other is guessed', async () => {
    const pid = await processWith(
      { name: file('table', 50), flags: O_RDONLY },
      { name: file('big', 3000), flags: O_RDONLY },
    )
    const path = join(dir, 'big')
    expect(await moved(pid, { ...down, name: 'big' })).toEqual({ direction: 'down', path, size: 3000, position: 0 })
    expect(await moved(pid, { ...down, name: path })).toMatchObject({ path })
    expect(await moved(pid, { ...down, name: 'bi', cut: true })).toMatchObject({ path })
    for (const name of ['bi', 'other', 'deep/big', '']) expect(await moved(pid, { ...down, name })).toBeNull()
    expect(await moved(pid, { ...up, name: 'big' })).toBeNull()
  })

  test('is found through links, to a file and to a directory, and a loop of them is no file', async () => {
    mkdirSync(join(dir, 'home'), { recursive: true })
    const pid = await processWith(
      { name: file('home/linked', 70), flags: O_RDONLY },
      { name: file('table', 50), flags: O_RDONLY },
    )
    symlinkSync('home', join(dir, 'link'))
    symlinkSync(join(dir, 'link/linked'), join(dir, 'absolute'))
    symlinkSync('loop', join(dir, 'loop'))
    for (const name of ['link/linked', 'absolute'])
      expect(await moved(pid, { ...down, name })).toMatchObject({ size: 70 })
    expect(await moved(pid, { ...down, name: 'loop' })).toBeNull()
  })

  test('open twice: what both agree on is true', async () => {
    const pid = await processWith({ name: file('big', 3000), flags: O_RDONLY }, { name: 'big', flags: O_RDONLY })
    expect(await moved(pid, { ...down, name: 'big' })).toMatchObject({ size: 3000, position: 0 })
    const other = await processWith(
      { name: file('one', 10), flags: O_WRONLY },
      { name: file('two', 20), flags: O_WRONLY },
    )
    const known = { old: new Set<string>(), last: new Set<string>(), looks: 2, loggedIn: 2 }
    expect(await moved(other, up, known)).toEqual({ direction: 'up', path: null, size: null, position: 0 })
  })

  test('is not what is appended to, or open both ways', async () => {
    const pid = await processWith(
      { name: file('log'), flags: O_WRONLY | O_APPEND },
      { name: file('users.db'), flags: O_RDWR },
    )
    const known = await atRest(await processWith(), 2)
    for (const name of ['log', 'users.db', ''])
      for (const sought of [up, down]) expect(await moved(pid, { ...sought, name }, known)).toBeNull()
    expect(await moved(pid, { ...up, mayAppend: true }, known)).toMatchObject({ size: 1000, position: 1000 })
  })

  test('is the only one opened since the session was at rest', async () => {
    const before = await processWith(
      { name: file('table', 50), flags: O_RDONLY },
      { name: file('left'), flags: O_WRONLY },
    )
    const pid = await processWith(
      { name: 'table', flags: O_RDONLY },
      { name: 'left', flags: O_WRONLY },
      { name: file('big', 3000), flags: O_RDONLY },
    )
    const name = 'through a link of which nothing is known'
    expect(await moved(pid, { ...down, name }, await atRest(before, 2))).toMatchObject({ size: 3000 })
    // One look may have caught the transfer itself, and one before the logon is before the tables of users.
    for (const known of [null, await atRest(before, 1), await atRest(before, 2, false)])
      expect(await moved(pid, { ...down, name }, known)).toBeNull()
    expect(await moved(pid, up, await atRest(before, 2))).toBeNull()
  })

  test('a transfer that began during one look at rest is found all the same, and what was open at two is none', async () => {
    const pid = await processWith({ name: file('big', 3000), flags: O_RDONLY })
    expect(await moved(pid, { ...down, name: 'big' }, await atRest(pid, 1))).toMatchObject({ size: 3000 })
    expect(await moved(pid, { ...down, name: 'big' }, await atRest(pid, 2))).toBeNull()
  })

  test('a file that was open before is known by its inode, also under another name; and may be moved a second time', async () => {
    const known = await atRest(await processWith({ name: file('server.log', 77), flags: O_WRONLY }), 2)
    const pid = await processWith({ name: 'server.log', flags: O_WRONLY }, { name: 'server.log', flags: O_WRONLY })
    renameSync(join(dir, 'server.log'), join(dir, 'server.log.1'))
    expect(await moved(pid, up, known)).toMatchObject({ path: join(dir, 'server.log.1'), size: 77 })
    const only = await processWith({ name: 'server.log.1', flags: O_WRONLY })
    expect(await moved(only, up, known)).toBeNull()
  })

  test('a file that can only be told by its size: not one that has been read, nor one of another size', async () => {
    const known = await atRest(await processWith(), 2)
    const pid = await processWith({ name: file('big', 3000), flags: O_RDONLY })
    const counted = { size: 3000, read: 1000 }
    expect(await moved(pid, { ...down, counted }, known)).toMatchObject({ size: 3000 })
    expect(await moved(pid, { ...down, counted: { ...counted, size: 3001 } }, known)).toBeNull()
  })

  test('nor one that has been read by its position: tables of users have been', async () => {
    const known = await atRest(await processWith(), 2)
    const pid = await processWith({ name: file('passwd', 3000), flags: O_RDONLY, read: 3000 })
    expect(await moved(pid, { ...down, counted: { size: 3000, read: 3000 } }, known)).toBeNull()
    expect(await moved(pid, { ...down, counted: { size: 3000, read: 1000 } }, known)).toBeNull()
    const half = await processWith({ name: 'passwd', flags: O_RDONLY, read: 1000 })
    expect(await moved(half, { ...down, counted: { size: 3000, read: 1000 } }, known)).toMatchObject({ position: 1000 })
  })

  test('is none of descriptors 0 to 2, whatever they are called', async () => {
    const [input, output] = [open({ name: file('in'), flags: O_RDONLY }), open({ name: file('out'), flags: O_WRONLY })]
    const pid = await processOn([input, output, output])
    const known = await atRest(await processWith(), 2)
    for (const one of [null, known]) {
      expect(await moved(pid, { ...down, name: 'in' }, one)).toBeNull()
      expect(await moved(pid, { ...up, name: 'out' }, one)).toBeNull()
    }
    expect(await moved(pid, up, known)).toBeNull()
  })

  test('of a process that has gone nothing is said', async () => {
    expect(await lookInto(2 ** 30, { for: 'directory' }, null)).toBeNull()
  })
})

describe('the connection that carries the data', () => {
  const connection = (inode: string, ip: string): Connection => ({
    ...{ inode, local: { ip: '10.0.0.1', port: 20 }, peer: { ip, port: 5000 } },
    ...{ confirmed: 0, underWay: 0, quietFor: null },
  })
  const control = connection('1', '192.0.2.7')
  const known = new Map(
    [control, connection('2', '192.0.2.7'), connection('3', '10.0.0.9'), connection('4', '192.0.2.7')].map((one) => [
      one.inode,
      one,
    ]),
  )

  test('comes from where the session comes from; what cannot be told is not', () => {
    expect(dataConnection(['1', '9', '2'], control, known)?.inode).toBe('2')
    expect(dataConnection(['3', '2'], control, known)?.inode).toBe('2')
    expect(dataConnection(['1', '9'], control, known)).toBeNull()
    expect(dataConnection(['2', '4'], control, known)).toBeUndefined()
    expect(dataConnection(['3'], control, known)).toBeUndefined()
    expect(dataConnection(['2'], null, known)).toBeUndefined()
  })
})
