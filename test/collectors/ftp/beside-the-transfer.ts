import { describe, expect, test } from '@jest/globals'
import {
  chmodSync,
  existsSync,
  constants,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import type { FtpSource, ListedFtpSession } from '../../../src/session-source.js'
import { BIG } from '../../servers/ftp-home.js'
import type { Descriptors } from '../../servers/greeted.js'
import { Drive } from './drive.js'
import type { RawClient } from './proftpd/raw-client.js'

/*
 * What a server has open beside the file that a session moves, and what must be said of the transfer all the same.
 */

/** Bytes of a server's output when it starts: more than a connection holds, so that a download of it stalls. */
const SAID = 9 << 20

/** How a server may be started, and what is then open in it. The login's home is the directory `login` below `dir`. */
export const waysToStart: { title: string; descriptors(dir: string, login: string): Descriptors }[] = [
  {
    title: 'its output in a file: server > log 2>&1',
    descriptors: (dir) => outputIn(join(dir, 'server.log'), 'w'),
  },
  {
    title: 'its output appended to a file in the home, its input the file that is downloaded',
    descriptors(dir, login) {
      const [, ...output] = outputIn(join(dir, login, 'server.log'), 'a')
      return [openSync(join(dir, login, 'big.bin'), 'r'), ...output]
    },
  },
  {
    title: 'its output read and written, and files of the home left open, for reading and for writing',
    descriptors(dir, login) {
      const home = join(dir, login)
      const descriptors = outputIn(join(home, 'server.log'), 'w+')
      for (const name of ['up.bin', 'left.bin']) {
        writeFileSync(join(home, name), Buffer.alloc(4321), { mode: 0o666 })
        chmodSync(join(home, name), 0o666)
        descriptors.push(openSync(join(home, name), constants.O_WRONLY))
      }
      descriptors.push(null, null, openSync(join(home, 'left.bin'), 'r'), null, openSync(join(home, 'big.bin'), 'r'))
      return descriptors
    },
  },
]

function outputIn(path: string, mode: string): Descriptors {
  const output = openSync(path, mode)
  chmodSync(path, 0o666)
  writeSync(output, Buffer.alloc(SAID))
  return [null, output, output]
}

export interface Stage {
  port: number
  home: string
  login: string
  /** Knows nothing of any session yet. */
  source(): FtpSource
}

/**
 * Tests that say what is true of each kind of transfer, of sessions seen before it and first seen in the middle of it.
 * @param tellsWaiting whether the server says that a session downloads while that still waits for its connection
 */
export function transfersAreTrue(stage: () => Stage, { tellsWaiting = true } = {}): void {
  describe.each([true, false])('a session that was seen before its transfer: %s', (seenBefore) => {
    test('a download has its own size, and its progress grows', async () => {
      await during(async (client, look) => {
        const data = await client.begin('RETR big.bin')
        const first = await look(({ totalBytes }) => totalBytes !== null)
        expect(first).toMatchObject({ status: 'downloading', fileName: 'big.bin', totalBytes: BIG })
        const received = takeSome(data, SOME)
        const later = await look(({ transferredBytes }) => received() > SOME && transferredBytes! >= received())
        expect(later.transferredBytes!).toBeGreaterThan(first.transferredBytes ?? 0)
        expect(later.totalBytes).toBe(BIG)
      })
    })

    test('a resumed download counts from where it began, or says nothing', async () => {
      await during(async (client, look) => {
        await client.command('REST 1000000')
        const data = await client.begin('RETR big.bin')
        const session = await look(({ status }) => status === 'downloading')
        expect(session).toMatchObject({ fileName: 'big.bin', totalBytes: BIG })
        if (session.transferredBytes === null) return
        expect(session.transferredBytes!).toBeLessThanOrEqual(BIG)
        // Pure-FTPd counts whole KiB, and what it hands over first only once all of it is: until then it is said to be less.
        const received = takeSome(data, SOME)
        const later = await look(({ transferredBytes }) => received() > SOME && transferredBytes! >= 1_000_000)
        expect(later.transferredBytes!).toBeLessThanOrEqual(BIG)
      })
    })

    test.each(['near', '/deep/far'])('a download through the link %s', async (link) => {
      const { home } = stage()
      rmSync(join(home, link), { force: true })
      symlinkSync(link === 'near' ? 'big.bin' : '/deep/../big.bin', join(home, link))
      await during(async (client, look) => {
        await client.begin(`RETR ${link}`)
        const session = await look(({ totalBytes }) => totalBytes !== null)
        expect(session).toMatchObject({ status: 'downloading', fileName: link, totalBytes: BIG })
      })
    })

    test('a download of the file that the server writes its output to', async () => {
      const own = join(stage().home, 'server.log')
      if (!existsSync(own)) writeFileSync(own, Buffer.alloc(SAID), { mode: 0o644 })
      await during(async (client, look) => {
        await client.begin('RETR server.log')
        const session = await look(({ totalBytes }) => totalBytes !== null)
        expect(session).toMatchObject({ status: 'downloading', fileName: 'server.log' })
      })
    })

    if (tellsWaiting)
      test('a download of an empty file', async () => {
        writeFileSync(join(stage().home, 'empty.bin'), '')
        await during(async (client, look) => {
          const port = await client.passive()
          client.send('RETR empty.bin')
          const session = await look(({ status }) => status === 'downloading')
          expect(session).toMatchObject({ fileName: 'empty.bin' })
          expect([null, 0]).toContain(session.transferredBytes)
          expect([null, 0]).toContain(session.totalBytes)
          // Only then a server looks whether it has been asked to end.
          connect(port, '127.0.0.1').resume()
          for (let reply = ''; !/^[245]2/.test(reply);) reply = await client.reply()
        })
      })

    test.each(['STOR up.bin', 'APPE up.bin', 'REST 100', 'STOU'])('an upload: %s', async (command) => {
      await during(async (client, look) => {
        const before = await client.begin('STOR up.bin')
        before.end(Buffer.alloc(1000))
        await client.reply()
        if (command === 'REST 100') await client.command(command)
        const data = await client.begin(command === 'REST 100' ? 'STOR up.bin' : command)
        data.write(Buffer.alloc(7777))
        const bytes = 7777 + (command === 'REST 100' ? 100 : command.startsWith('APPE') ? 1000 : 0)
        const session = await look(({ transferredBytes }) => transferredBytes === bytes)
        expect(session).toMatchObject({ status: 'uploading', totalBytes: null })
        expect(session.fileName).toEqual(command === 'STOU' ? expect.any(String) : 'up.bin')
        expect(session.fileName).not.toMatch(/big|left|log/)
        data.end()
        await client.reply()
        const nothing = { fileName: null, transferredBytes: null, totalBytes: null }
        expect(await look(({ status }) => status === 'idle')).toMatchObject(nothing)
      })
    })

    type Look = (condition: (session: ListedFtpSession) => boolean) => Promise<ListedFtpSession>

    /** Does something with a client of its own, and looks at its session. Every look at a transfer must be true. */
    async function during(act: (client: RawClient, look: Look) => Promise<void>): Promise<void> {
      const { port, login, source } = stage()
      const drive = new Drive(port, source())
      try {
        const client = await drive.raw(login)
        if (seenBefore) {
          await drive.only(({ status }) => status === 'idle')
          for (let looks = 0; looks < 3; looks++) await drive.list()
        }
        await act(client, (condition) =>
          drive.only((session) => {
            expectOwnSize(session)
            return condition(session)
          }),
        )
      } finally {
        await drive.allGone()
      }
    }
  })

  /** A size is that of the file that the session moves, or unknown. */
  function expectOwnSize({ status, fileName, transferredBytes, totalBytes }: ListedFtpSession): void {
    if (typeof totalBytes !== 'number') return
    expect(status).toBe('downloading')
    const size = /near|far/.test(fileName!) ? BIG : statSync(join(stage().home, fileName!)).size
    if (fileName === 'server.log') expect(totalBytes).toBeLessThanOrEqual(size)
    else expect(totalBytes).toBe(size)
    expect(transferredBytes ?? 0).toBeLessThanOrEqual(totalBytes)
  }
}

/** So little that the server does not come to the end of the file meanwhile. */
const SOME = 200_000

function takeSome(data: Socket, enough: number): () => number {
  let received = 0
  data.on('data', (chunk) => {
    received += chunk.length
    if (received > enough) data.pause()
  })
  data.resume()
  return () => received
}
