import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { rmSync } from 'node:fs'
import { pureFtpd } from '../../../../src/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { xinetdMissing } from '../../../servers/inetd.js'
import { copyPureFtpd, pureFtpdMissing, type PureFtpdServer, startPureFtpd } from '../../../servers/pure-ftpd.js'
import { until } from '../../../until.js'
import { Drive } from '../drive.js'

const missing = pureFtpdMissing ?? xinetdMissing
const describeReal = missing ? describe.skip : describe
describeReal(`a real Pure-FTPd that xinetd starts for each connection${missing ? ` (${missing})` : ''}`, () => {
  let copy: ReturnType<typeof copyPureFtpd>
  let server: PureFtpdServer
  let drive: Drive
  beforeAll(async () => {
    copy = copyPureFtpd('pure-ftpd')
    server = await startPureFtpd([], { program: copy.program, xinetd: true })
    drive = new Drive(server.port, server.alone(pureFtpd({ program: copy.who, inetd: true })))
  })
  afterAll(async () => {
    await server?.stop()
    rmSync(copy.dir, { recursive: true, force: true })
  })
  afterEach(() => drive.allGone())

  test('an upload is listed as no orphan, and ended', async () => {
    const other = await drive.raw()
    drive.upload(await drive.ftp('dave'), 'half.bin').write(Buffer.alloc(50_000))
    const sessions = await until('the upload', async () => {
      const all = await drive.list()
      return all.some(({ transferredBytes }) => transferredBytes === 50_000) && all
    })
    expect(new Map(sessions.map((one) => [one.login, one.condition]))).toEqual(
      new Map([
        ['dave', 'normal'],
        [null, 'normal'],
      ]),
    )
    expect(await drive.end(sessions.find(({ login }) => login === 'dave')!)).toBe('asked')
    await drive.count(1)
    expect(await other.command('NOOP')).toMatch(/^200/)
  })

  test('and nobody is left', async () => {
    expect(await drive.list()).toEqual([])
  })
})
