import { afterAll, afterEach, expect, jest, test } from '@jest/globals'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RemovalRefused } from '../../../../src/session-source.js'
import { endByArguments, type EndAsRoot } from '../../../../src/collectors/ftp/os/end-by-arguments.js'
import { endProcess } from '../../../../src/collectors/ftp/os/end-process.js'
import { bootId, processStat } from '../../../../src/collectors/ftp/os/proc.js'

const dir = mkdtempSync(join(tmpdir(), 'end-by-arguments-'))
const children: ChildProcess[] = []
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')))
afterAll(() => rmSync(dir, { recursive: true }))

/** A process of a server that is called so. */
function session(name = 'my-ftpd') {
  const path = join(dir, name)
  // Not over one that runs.
  if (!existsSync(path)) copyFileSync('/bin/sleep', path)
  const child = spawn(path, ['600'], { stdio: 'ignore' })
  children.push(child)
  return { child, pid: child.pid!, ticks: processStat(child.pid!)!.startTicks }
}

const really: EndAsRoot = async ({ pid, startTicks }, force) =>
  endProcess({ bootId: bootId(), pid, startTicks }, force ? 'SIGKILL' : 'SIGTERM', () => null)

/** What the program says, and how it ends. */
async function said(args: unknown[], end: EndAsRoot = really) {
  let line = ''
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((line += String(text)), true))
  try {
    await endByArguments('my-ftpd-end', args.map(String), [{ program: 'my-ftpd', load: async () => end }])
    return [Number(process.exitCode), line]
  } finally {
    write.mockRestore()
    process.exitCode = undefined
  }
}

test.each([
  [[], 'SIGTERM'],
  [['force'], 'SIGKILL'],
])('ends a session of the server, %j, and says when it has gone', async (force, signal) => {
  const { child, pid, ticks } = session()
  const exit = once(child, 'exit')
  expect(await said([pid, ticks, ...force])).toEqual([0, ''])
  expect(await exit).toEqual([null, signal])
  expect(await said([pid, ticks, ...force])).toEqual([3, `There is no process ${pid} that began at tick ${ticks}.\n`])
})

test('ends nobody by arguments that are none, by another start, or of another program', async () => {
  const end = jest.fn(really)
  const { pid, ticks } = session()
  for (const args of [[], [pid], [pid, ticks, 'Force'], [pid, ticks, 'force', 'force'], [-pid, ticks], [0, ticks]])
    expect(await said(args, end)).toEqual([2, 'usage: my-ftpd-end PID STARTTICKS [force]\n'])
  expect(await said([pid, ticks + 1], end)).toMatchObject([3, expect.anything()])
  const other = session('other')
  const line = `Process ${other.pid} runs ${join(dir, 'other')}, not my-ftpd.\n`
  expect(await said([other.pid, other.ticks], end)).toEqual([4, line])
  expect(end).not.toHaveBeenCalled()
})

test('says why it refuses, and why it failed', async () => {
  const { pid, ticks } = session()
  const thrown = (error: Error) => said([pid, ticks], () => Promise.reject(error))
  expect(await thrown(new RemovalRefused('no session'))).toEqual([4, 'no session\n'])
  expect(await thrown(new Error('no list'))).toEqual([5, 'no list\n'])
})

const asRoot = process.getuid?.() === 0 ? test : test.skip
asRoot('a short name, which a process may choose, is not enough', async () => {
  const end = jest.fn(really)
  const { pid, ticks } = session()
  process.seteuid!(65_534)
  try {
    expect(await said([pid, ticks], end)).toEqual([4, `Which program process ${pid} runs, only root may see.\n`])
  } finally {
    process.seteuid!(0)
  }
  expect(end).not.toHaveBeenCalled()
})
