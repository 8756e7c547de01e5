import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { proftpd } from '../../src/collectors/ftp/proftpd/proftpd.js'
import type { FtpSessionRow } from '../../src/database/rows.js'
import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'
import { backEnd } from '../engine/back-end.js'
import { proftpdMissing, startProftpd, type ProftpdServer } from '../servers/proftpd.js'
import { hangs, until } from '../until.js'

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`the history of a real ProFTPD ${proftpdMissing ?? ''}`, () => {
  let server: ProftpdServer
  let engine: Awaited<ReturnType<typeof backEnd>>
  beforeAll(async () => {
    server = await startProftpd()
    engine = await backEnd(proftpd({ scoreboard: server.scoreboard }), { pollEvery: 200 })
    engine.start()
  })
  afterAll(async () => {
    await engine?.stop()
    await server?.stop()
  })

  const rowOf = (login: string, which: (row: FtpSessionRow) => boolean = () => true) =>
    until(`a row of ${login}`, async () =>
      ((await engine.rows()) as FtpSessionRow[]).find((row) => row.login === login && which(row)),
    )
  const lineOf = (login: string) =>
    until(`the end of ${login}'s session`, async () => (await engine.database.history.findBy({ login }))[0])

  test('has what was uploaded, at least and never more, and no guess of how it ended', async () => {
    const client = await RawClient.connect(server.port, 'alice')
    const data = await client.begin('STOR upload')
    data.write(Buffer.alloc(10_000))
    const first = await rowOf('alice', ({ transferredBytes }) => transferredBytes === 10_000)
    expect(first.movedBytes).toBeLessThanOrEqual(10_000)
    data.write(Buffer.alloc(50_000))
    await rowOf('alice', ({ movedBytes }) => (movedBytes ?? 0) >= 50_000)
    data.end()
    await client.reply()
    await client.command('QUIT')
    client.close()
    const line = await lineOf('alice')
    expect(line).toMatchObject({ kind: 'ftp', how: 'unknown', ip: '127.0.0.1', protocol: 'ftp', rowId: first.id })
    expect(line.movedBytes).toBeGreaterThanOrEqual(50_000)
    expect(line.movedBytes).toBeLessThanOrEqual(statSync(join(server.users.alice.home, 'upload')).size)
    expect(line.startedAt).toEqual(first.connectedAt)
  })

  test('has what a removal has ended as removed', async () => {
    const client = await RawClient.connect(server.port, 'bob')
    const closed = once(client.control, 'close')
    const { key } = await rowOf('bob')
    expect(await engine.remove([key], { wait: hangs })).toMatchObject([{ outcome: 'ended' }])
    await closed
    // Its line is named after the outcome is written.
    const line = await until('its word of how', async () => {
      const found = await lineOf('bob')
      return found.how === 'removed' && found
    })
    expect(line).toMatchObject({ key, movedBytes: null })
  })
})
