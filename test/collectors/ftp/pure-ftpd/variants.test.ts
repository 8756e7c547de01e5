import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { processStat } from '../../../../src/collectors/ftp/os/proc.js'
import type { SessionIdentity } from '../../../../src/collectors/ftp/pure-ftpd/end-pure-ftpd-session.js'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { copyPureFtpd, pureFtpdMissing, type PureFtpdServer, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { programOf } from '../../../servers/unpacked.js'
import { makeUnprivileged, type Unprivileged } from '../../../servers/unprivileged.js'
import { thorough } from '../../../thorough.js'
import { until } from '../../../until.js'
import { Drive } from '../drive.js'

/** The names of Debian's own; where their accounts come from is for them to know, here a file. */
const names = ['mysql', 'postgresql', 'ldap', 'mysql-virtualchroot', 'virtualchroot'].map((kind) => `pure-ftpd-${kind}`)

describe.each(thorough ? names : names.slice(0, 1))('a real %s, and its pure-ftpwho elsewhere', (name) => {
  const missing = pureFtpdMissing ?? (programOf(name) ? null : `no ${name}`)
  const describeReal = missing ? describe.skip : describe
  describeReal(`for real${missing ? ` (${missing})` : ''}`, () => {
    let copy: ReturnType<typeof copyPureFtpd>
    let server: PureFtpdServer
    let drive: Drive
    let nobody: Unprivileged
    let sudoers: string
    beforeAll(async () => {
      copy = copyPureFtpd(name)
      server = await startPureFtpd([], { program: copy.program })
      drive = new Drive(server.port, server.alone(pureFtpd({ program: copy.who })))
      nobody = makeUnprivileged()
      sudoers = `/etc/sudoers.d/${basename(copy.dir)}`
      writeFileSync(sudoers, `nobody ALL=(root) NOPASSWD: ${copy.who} -n -s\n`, { mode: 0o440 })
    })
    afterAll(async () => {
      rmSync(sudoers, { force: true })
      nobody?.remove()
      await server?.stop()
      rmSync(copy.dir, { recursive: true, force: true })
    })
    afterEach(() => drive.allGone())

    test('an upload is listed and ended', async () => {
      const client = await drive.ftp('dave')
      drive.upload(client, 'half.bin').write(Buffer.alloc(50_000))
      const session = await drive.only(({ transferredBytes }) => transferredBytes === 50_000)
      expect(session).toMatchObject({ login: 'dave', status: 'uploading', fileName: 'half.bin', condition: 'normal' })
      const { pid } = session.handle as SessionIdentity
      expect(processStat(pid)!.comm).toBe(name.slice(0, 15))
      expect(await drive.end(session)).toBe('asked')
      await drive.count(0)
    })

    test('who is not root lists one, and ends it through sudo', async () => {
      const [alice, dave] = [await drive.raw('alice'), await drive.raw('dave')]
      const options = { program: copy.who, endHelper: nobody.allowEnding() }
      const said = await nobody.run('pure-ftpd/pure-ftpd.js#pureFtpd', options, 'alice', { of: server.pid })
      expect(said.sessions).toContainEqual(expect.objectContaining({ login: 'dave', condition: 'normal' }))
      expect(said.end).toBe('asked')
      await until('its client sees it', () => alice.control.closed)
      expect(await dave.command('NOOP')).toMatch(/^200/)
    })
  })
})
