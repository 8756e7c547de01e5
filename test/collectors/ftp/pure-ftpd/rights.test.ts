import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { processStat } from '../../../../src/collectors/ftp/os/proc.js'
import { pureFtpdMissing, type PureFtpdServer, pureFtpwho, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { stopped } from '../../../servers/stopped.js'
import { childrenOf } from '../../../servers/tree.js'
import { makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { until } from '../../../until.js'
import { RawClient } from '../proftpd/raw-client.js'

const missing = pureFtpdMissing ?? sudoMissing()

function sudoMissing(): string | null {
  try {
    execFileSync('sudo', ['-V'], { stdio: 'ignore' })
    return null
  } catch {
    return 'no sudo on the PATH (apt-get install sudo)'
  }
}

const describeReal = missing ? describe.skip : describe
describeReal(`a back office that is not root, and Pure-FTPd${missing ? ` (${missing})` : ''}`, () => {
  let server: PureFtpdServer
  let nobody: Unprivileged
  let client: RawClient
  let program: string
  let sudoers: string

  beforeAll(async () => {
    server = await startPureFtpd()
    nobody = makeUnprivileged()
    // Of its own, so that sudoers allows it to this test alone.
    program = join(server.dir, 'pure-ftpwho')
    copyFileSync(pureFtpwho, program)
    chmodSync(program, 0o755)
    sudoers = `/etc/sudoers.d/${basename(server.dir)}`
    client = await RawClient.connect(server.port, 'alice')
  })
  afterAll(async () => {
    client?.close()
    rmSync(sudoers, { force: true })
    nobody?.remove()
    await server?.stop()
  })

  const ask = (login?: string, endHelper?: string, force = false) =>
    nobody.run('pure-ftpd/pure-ftpd.js#pureFtpd', { program, endHelper }, login, {
      force,
      of: server.pid,
    })

  test('is told what to allow it in sudoers', async () => {
    const { error } = await ask()
    expect(error).toMatch(/Only root may list Pure-FTPd's sessions, and this back office is uid 65534/)
    expect(error).toContain(`allow it "${program} -n -s" in sudoers (docs/servers/pure-ftpd.md). sudo says: sudo: `)
  })

  test('lists by one line in sudoers, and is told that it may not end', async () => {
    writeFileSync(sudoers, `nobody ALL=(root) NOPASSWD: ${program} -n -s\n`, { mode: 0o440 })
    const data = await client.begin('STOR sent.bin')
    data.write(Buffer.alloc(4096))
    const { sessions, end } = await ask('alice')
    expect(sessions).toContainEqual(
      expect.objectContaining({
        ...{ login: 'alice', status: 'uploading', fileName: 'sent.bin', ip: '127.0.0.1' },
        ...{ location: null, lastActiveAt: null },
      }),
    )
    expect(end).toMatch(/^RemovalRefused: This back office \(uid 65534\) is not allowed to end process \d+/)
    data.end()
    await client.reply()
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  /** Run as root by whoever sudoers lets, it believes no pure-ftpwho but the system's own. */
  async function withInstalledWho(work: (helper: string) => Promise<void>): Promise<void> {
    const installed = existsSync('/usr/sbin/pure-ftpwho')
    if (!installed) symlinkSync(pureFtpwho, '/usr/sbin/pure-ftpwho')
    try {
      await work(nobody.allowEnding())
    } finally {
      if (!installed) rmSync('/usr/sbin/pure-ftpwho')
    }
  }

  test('the program for sudo ends sessions and nothing else of Pure-FTPd', () =>
    withInstalledWho(async (helper) => {
      const sessions = childrenOf(server.pid)
      for (const pid of [server.pid, ...sessions.flatMap(childrenOf)])
        for (const more of [[], ['force']]) {
          const args = [String(pid), String(processStat(pid)!.startTicks), ...more]
          const { status, stderr } = spawnSync(helper, args, { encoding: 'utf8' })
          expect({ status, stderr }).toEqual({
            status: 4,
            stderr: expect.stringContaining('pure-ftpwho does not list it'),
          })
        }
      const [pid] = sessions as [number]
      expect(spawnSync(helper, [String(pid), String(processStat(pid)!.startTicks + 1)]).status).toBe(3)
      expect(await client.command('NOOP')).toMatch(/^200/)
    }))

  test('ends that one session through sudo, and by force one that is stopped', () =>
    withInstalledWho(async (endHelper) => {
      const other = await RawClient.connect(server.port, 'dave')
      try {
        expect((await ask('alice', endHelper)).end).toBe('asked')
        await until('the client is cut', () => client.control.closed)
        expect(await other.command('NOOP')).toMatch(/^200/)
        await stopped(childrenOf(server.pid)[0]!)
        expect((await ask('dave', endHelper, true)).end).toBe('asked')
        await until('the client is cut', () => other.control.closed)
      } finally {
        other.close()
      }
    }))
})
