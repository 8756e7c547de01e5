import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { titleOf } from '../../../../src/collectors/ftp/os/proc.js'
import { programOf, unpackedLibraries } from '../../../servers/unpacked.js'
import { asNobody, makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { startVsftpd, vsftpdMissing, type VsftpdServer } from '../../../servers/vsftpd.js'
import { until } from '../../../until.js'
import { RawClient } from '../proftpd/raw-client.js'

const SOURCE = 'vsftpd/vsftpd.js#vsftpd'
/** Whoever is not root knows anonymous logins alone: the others take PAM, TLS a key of root's. */
const SETTINGS = ['local_enable=NO', 'ssl_enable=NO', 'anon_upload_enable=YES']
const DAEMON = 1
const as = (uid: number) => ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']

const describeReal = vsftpdMissing ? describe.skip : describe
describeReal(`a real vsftpd that root does not run here${vsftpdMissing ? ` (${vsftpdMissing})` : ''}`, () => {
  let dir: string
  let back: Unprivileged
  let server: VsftpdServer | undefined
  const clients: RawClient[] = []
  beforeAll(() => {
    back = makeUnprivileged()
    dir = mkdtempSync(join(tmpdir(), 'vsftpd-launched-'))
    chmodSync(dir, 0o755)
    copyFileSync(programOf('vsftpd')!, join(dir, 'vsftpd'))
    // Where every user may read them, wherever this package is.
    mkdirSync(join(dir, 'lib'))
    for (const from of unpackedLibraries.LD_LIBRARY_PATH.split(':').filter((one) => existsSync(one)))
      cpSync(from, join(dir, 'lib'), { recursive: true, verbatimSymlinks: true })
  })
  afterEach(async () => {
    clients.splice(0).forEach((client) => client.close())
    await server?.stop()
    server = undefined
  })
  afterAll(() => {
    back?.remove()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Starts it by a script that puts it where it belongs. `uid`: who writes its files. */
  async function start(script: string, owner: number, uid: number, settings: string[] = []): Promise<VsftpdServer> {
    const launcher = join(dir, `launch-${owner}`)
    writeFileSync(
      launcher,
      `#!/bin/sh\nexport LD_LIBRARY_PATH=${join(dir, 'lib')}\n${script} ${join(dir, 'vsftpd')} "$@"\n`,
      { mode: 0o755 },
    )
    server = await startVsftpd([...SETTINGS, ...settings], { program: launcher, owner })
    const uploads = join(server.dir, 'anonymous/in')
    mkdirSync(uploads)
    chownSync(uploads, uid, uid)
    return server
  }
  const launchedBy = (uid: number) =>
    start(`exec setpriv --reuid=${uid} --regid=${uid} --clear-groups`, uid, uid, ['run_as_launching_user=YES'])

  async function connected(): Promise<RawClient> {
    clients.push(await RawClient.connect(server!.port, 'anonymous'))
    return clients.at(-1)!
  }

  /** What a back office lists, when a client uploads, and what comes of ending that; another client goes on. */
  async function expectUploadEnded(within: string[]): Promise<void> {
    const [uploads, other] = [await connected(), await connected()]
    await other.command('CWD in')
    const data = await uploads.begin('STOR in/sent.bin')
    data.write(Buffer.alloc(4096))
    const first = await back.run(SOURCE, {}, '', { within, of: server!.pid })
    const listed = (first.sessions as object[]).map((one) => one as { status: string; login: string })
    expect(listed.map(({ status }) => status).sort()).toEqual(['idle', 'uploading'])
    expect(listed).toContainEqual(
      expect.objectContaining({
        ...{ login: 'daemon', type: null, status: 'uploading', fileName: 'in/sent.bin', ip: '127.0.0.1' },
        ...{ condition: 'normal', transferredBytes: 4096 },
      }),
    )
    const { end } = await back.run(SOURCE, {}, 'daemon', { within, of: server!.pid })
    expect(end).toBe('asked')
    await until('one client is cut', () => clients.some(({ control }) => control.closed))
    expect(clients.filter(({ control }) => !control.closed)).toHaveLength(1)
  }

  test('with run_as_launching_user=YES, who is another user is told whose it is', async () => {
    await launchedBy(DAEMON)
    const client = await connected()
    const { signal } = new AbortController()
    const sentence =
      /^vsftpd runs as user 1 \(process \d+\), .*With run_as_launching_user=YES .* run the back office as that user; else let root start vsftpd\.$/
    await expect(vsftpd().list(signal)).rejects.toThrow(sentence)
    expect(await back.run(SOURCE, {}, 'daemon')).toEqual({ error: expect.stringMatching(sentence) })
    expect(await client.command('NOOP')).toMatch(/^200/)
  })

  test('with run_as_launching_user=YES, its own user lists and ends', async () => {
    await launchedBy(DAEMON)
    await expectUploadEnded(as(DAEMON))
  })

  test('who calls a setuid program of root’s vsftpd’s listener is not taken for root', async () => {
    await launchedBy(DAEMON)
    copyFileSync('/bin/sleep', join(dir, 'setuid'))
    chmodSync(join(dir, 'setuid'), 0o4755)
    mkdirSync(join(dir, 'mallory'))
    symlinkSync('../setuid', join(dir, 'mallory/vsftpd'))
    const who = { argv0: 'vsftpd: LISTENER', uid: 2042, gid: 2042, stdio: 'ignore' } as const
    const mallory = spawn(join(dir, 'mallory/vsftpd'), ['600'], who)
    try {
      await until('it is called so', () => titleOf(mallory.pid!) === who.argv0)
      expect(await back.run(SOURCE, {})).toEqual({ error: expect.stringMatching(/^vsftpd runs as user (1|2042) /) })
    } finally {
      mallory.kill('SIGKILL')
    }
  })

  describe('in a user namespace, as a rootless container is', () => {
    // What makes it is no child of vsftpd's, which would stumble over its end.
    const IN_OWN = [
      'made=$(unshare --user sleep 600 > /dev/null & echo $!)',
      'until [ "$(readlink /proc/$made/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do :; done',
      'echo 0 100000 65536 > /proc/$made/uid_map; echo 0 100000 65536 > /proc/$made/gid_map',
      `exec nsenter --target $made --user --setuid=0 --setgid=0 -- sh -c 'kill "$0"; exec "$@"' $made`,
    ].join('\n')

    test('who is outside is told where it is', async () => {
      await start(IN_OWN, 100_000, 100_001)
      await connected()
      const sentence =
        /^vsftpd runs as user 100000 .* It is in another user namespace, as a rootless container is: run the back office in that one/
      await expect(vsftpd().list(new AbortController().signal)).rejects.toThrow(sentence)
      expect(await back.run(SOURCE, {}, 'daemon')).toEqual({ error: expect.stringMatching(sentence) })
    })

    test('who is inside lists and ends', async () => {
      await start(IN_OWN, 100_000, 100_001)
      await expectUploadEnded(['nsenter', `--target=${server!.pid}`, '--user', '--setuid=0', '--setgid=0'])
    })

    test('who is in another one than a vsftpd of root is told so', async () => {
      server = await startVsftpd()
      const client = await RawClient.connect(server.port, 'alice')
      clients.push(client)
      const { sessions, error, end } = await back.run(SOURCE, {}, 'alice', {
        within: [...as(2042), 'unshare', '--user', '--map-root-user'],
      })
      expect({ sessions, end }).toEqual({})
      expect(error).toMatch(/^vsftpd runs as user 65534 .* It is in another user namespace/)
      expect(await client.command('NOOP')).toMatch(/^200/)
    })
  })

  test('where /proc hides the processes of others, the source fails and says so', async () => {
    server = await startVsftpd()
    const hidden = ['unshare', '--mount', 'sh', '-c', 'mount -t proc -o hidepid=2 proc /proc && exec "$0" "$@"']
    const { sessions, error } = await back.run(SOURCE, {}, '', { within: [...hidden, ...asNobody] })
    expect(sessions).toBeUndefined()
    expect(error).toMatch(/^\/proc does not show the processes of other users, .* no hidepid/)
  })
})
