import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { runCommand } from '../../src/cli/run-command.js'
import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../servers/proftpd.js'

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`probe at a real ProFTPD${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  beforeAll(async () => {
    server = await startProftpd()
  })
  afterAll(() => server.stop())

  test('shows who comes as soon as they have come', async () => {
    const stopping = new AbortController()
    let out = ''
    let client: Promise<RawClient> | undefined
    const write = (text: string) => {
      out += text
      client ??= RawClient.connect(server.port, 'alice')
      if (/^alice +.*idle/m.test(out)) stopping.abort()
    }
    const terminal = { out: { write }, error: { write }, signal: stopping.signal }
    expect(await runCommand(['probe', 'proftpd', '--scoreboard', server.scoreboard], terminal)).toBe(0)
    expect(out).toMatch(/^proftpd \(ftp\): 0 sessions, at /)
    expect(out).toMatch(/^alice +idle +Main host +127\.0\.0\.1 +ftp /m)
    ;(await client)?.close()
  })
})
