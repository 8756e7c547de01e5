import { afterAll, afterEach, describe, expect, jest, test } from '@jest/globals'
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RemovalRefused } from '../../../src/session-source.js'
import { processStat, standingOf, titleOf } from '../../../src/collectors/ftp/os/proc.js'
import { isProgram, isSameProgram, programOf } from '../../../src/collectors/ftp/os/program.js'
import { signalProcess } from '../../../src/collectors/ftp/os/end-process.js'

const children: ChildProcess[] = []
const dir = mkdtempSync(join(tmpdir(), 'programs-'))
afterAll(() => rmSync(dir, { recursive: true }))
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')))

function started(program: string, options: SpawnOptions = {}): number {
  const child = spawn(program, ['600'], { stdio: 'ignore', ...options })
  children.push(child)
  return child.pid!
}
function copied(name: string): string {
  const path = join(dir, name)
  copyFileSync('/bin/sleep', path)
  return path
}

describe('a process', () => {
  test('leads its threads: the id of another of them is nobody', () => {
    const threads = readdirSync('/proc/self/task').map(Number)
    expect(threads.length).toBeGreaterThan(1)
    for (const thread of threads) {
      if (thread === process.pid) expect(processStat(thread)).toMatchObject({ pid: process.pid, parent: process.ppid })
      else expect(processStat(thread)).toBeNull()
    }
  })

  test("is in a session of the kernel's, which it leads where that was made for it", () => {
    // `detached` is setsid(2) in the child.
    const [child, leader] = [started('/bin/sleep'), started('/bin/sleep', { detached: true })]
    const own = processStat(process.pid)!.kernelSession
    expect(processStat(child)).toMatchObject({ pid: child, kernelSession: own })
    expect(processStat(leader)).toMatchObject({ pid: leader, kernelSession: leader })
    expect(own).not.toBe(leader)
  })

  test.each([15, 4095, 4096, 10_000])('has a title of %s bytes, and all of it is read', (bytes) => {
    const argv0 = 'é'.padStart(bytes - 1, 'x')
    const title = titleOf(started('/bin/sleep', { argv0 }))
    expect(title).toBe(Buffer.from(argv0).toString('latin1'))
    expect(title).toHaveLength(bytes)
  })

  test('has a user, one that it acts as, and a number in its namespace', () => {
    const [realUid, effectiveUid] = [process.getuid!(), process.geteuid!()]
    expect(standingOf(process.pid)).toEqual({ realUid, effectiveUid, numbers: [process.pid] })
    if (realUid !== 0) return
    process.seteuid!(65_534)
    try {
      expect(standingOf('self')).toMatchObject({ realUid, effectiveUid: 65_534 })
    } finally {
      process.seteuid!(0)
    }
    expect(standingOf('self')).toEqual(standingOf(process.pid))
    expect(standingOf(2 ** 22 + 1)).toBeNull()
  })
})

describe('a program', () => {
  const isProftpd = (path: string) => isProgram('proftpd', { path, file: null })

  test("is a server's by its name, with a version or as inetd knows it", () => {
    for (const path of ['/usr/sbin/proftpd', 'proftpd', '/opt/in.proftpd', '/srv/proftpd-1.3.8', 'proftpd.old'])
      expect([path, isProftpd(path)]).toEqual([path, true])
    for (const path of [
      '/usr/bin/myproftpd',
      'proftpd2',
      '/usr/sbin/proftpd/sh',
      'proftpd_exporter',
      'xin.proftpd',
      '',
    ])
      expect([path, isProftpd(path)]).toEqual([path, false])
    expect(isProgram('pure-ftpd', { path: '/usr/sbin/pure-ftpd-mysql', file: null })).toBe(true)
    expect(isProgram('pure-ftpd', { path: '/usr/sbin/pure-ftpwho', file: null })).toBe(false)
    expect(isProgram('proftpd', null)).toBe(false)
  })

  test('is the file, also when another has taken its place', () => {
    const path = copied('proftpd')
    const [before, after] = [started(path), (renameSync(copied('new'), path), started(path))]
    const [old, upgraded] = [programOf(processStat(before)!)!, programOf(processStat(after)!)!]
    expect([old.path, upgraded.path]).toEqual([path, path])
    expect(isSameProgram(old, upgraded)).toBe(false)
    expect(isSameProgram(old, programOf(processStat(before)!)!)).toBe(true)
    expect(isSameProgram(old, { path: 'proftpd', file: null })).toBe(true)
  })

  test("is none of the kernel's own threads, and of who has gone", () => {
    // 2 is kthreadd on every Linux, and some process or none in a container.
    if (processStat(2)?.comm === 'kthreadd') expect(programOf(processStat(2)!)).toBeNull()
    expect(programOf({ pid: 2 ** 22 + 1, comm: 'proftpd' })).toBeNull()
  })

  const asRoot = process.getuid?.() === 0 ? test : test.skip
  asRoot('is known by its short name to who may not see the file', () => {
    const pid = started(copied('in.proftpd'))
    process.seteuid!(65_534)
    try {
      expect(programOf(processStat(pid)!)).toEqual({ path: 'in.proftpd', file: null })
    } finally {
      process.seteuid!(0)
    }
  })
})

describe('a signal', () => {
  // Nothing is really sent: without what is tested here this would end the machine.
  test('never goes to this process, to what runs it, or to the first of all', () => {
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true)
    try {
      const grandparent = processStat(process.ppid)?.parent ?? 0
      for (const pid of [process.pid, process.ppid, grandparent, 1, 0, -1, -process.pid, NaN])
        expect(() => signalProcess(pid, 'SIGKILL')).toThrow(RemovalRefused)
      expect(kill).not.toHaveBeenCalled()
      expect(signalProcess(2 ** 22 + 1, 'SIGKILL')).toBe('asked')
      expect(kill.mock.calls).toEqual([[2 ** 22 + 1, 'SIGKILL']])
    } finally {
      kill.mockRestore()
    }
  })

  test('ends a process, and is of no use to one that has gone', async () => {
    const pid = started('sleep')
    const exit = once(children.at(-1)!, 'exit')
    expect(signalProcess(pid, 'SIGTERM')).toBe('asked')
    expect(await exit).toEqual([null, 'SIGTERM'])
    expect(signalProcess(pid, 'SIGTERM')).toBe('already-gone')
  })
})
