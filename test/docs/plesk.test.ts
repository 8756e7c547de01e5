import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import '../fresh-dist.mjs'
import { proftpd } from '../../src/collectors/ftp/proftpd/proftpd.js'
import { pleskAccounts } from '../../src/collectors/ftp/shared/plesk-accounts.js'
import { plesk } from '../../src/collectors/panel/plesk/plesk.js'
import type { FtpSource, PanelSource } from '../../src/session-source.js'
import { backOffice } from '../actions/back-office.js'
import { RawClient } from '../collectors/ftp/proftpd/raw-client.js'
import {
  API_KEY,
  dateTime,
  type PleskStandIn,
  send,
  startPleskStandIn,
} from '../collectors/panel/plesk/plesk-stand-in.js'
import { xinetdMissing } from '../servers/inetd.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../servers/proftpd.js'
import { until } from '../until.js'

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const built = new URL('../../dist/index.js', import.meta.url).href
const [, documented] = /```js\n(\/\/ plesk-sources\.mjs\n[^]*?)```/.exec(readFileSync('docs/plesk.md', 'utf8'))!

const missing = proftpdMissing ?? xinetdMissing
const describeReal = missing ? describe.skip : describe

describeReal(
  `Plesk's two lists, by the file of docs/plesk.md, with a real ProFTPD${missing ? ` (${missing})` : ''}`,
  () => {
    let api: PleskStandIn
    let ftp: ProftpdServer
    const clients: RawClient[] = []
    beforeAll(async () => {
      api = await startPleskStandIn()
      ftp = await startProftpd([], { inetd: 'xinetd' })
      api.hosting = {
        webspaces: [{ id: 1, name: 'example.com', login: 'alice' }],
        sites: [
          { id: 2, name: 'shop.example.com', login: 'carol', webspaceId: 1, parent: 'example.com' },
          { id: 3, name: 'blog.example.com', login: 'alice', webspaceId: 1, parent: 'example.com' },
        ],
        ftpUsers: [{ name: ftp.longLogin, webspaceId: 1 }],
        webUsers: [{ login: 'dave', site: 'example.com' }],
      }
      api.logOn({ login: 'olga', type: 'admin', idle: dateTime(Date.now()) })
    })
    afterAll(async () => {
      await ftp?.stop()
      await api.stop()
    })
    afterEach(() => {
      api.instead = null
      clients.splice(0).forEach((client) => client.close())
    })

    async function connected(login: string): Promise<RawClient> {
      const client = await RawClient.connect(ftp.port, login)
      clients.push(client)
      return client
    }

    /** As it stands but for where Plesk and the scoreboard are, and with step 2 done. */
    const ours = () =>
      documented!
        .replace('https://plesk.example.com:8443', api.url)
        .replace("// fingerprint: '3F:A1:…:07',", `fingerprint: '${api.fingerprint}',`)
        .replace('/path/of/ScoreboardFile', ftp.scoreboard)

    /** The file's own sources, on what is built here. */
    function sourcesOf(): [PanelSource, FtpSource] {
      const code = ours()
        .replace(/^import .*$/gm, '')
        .replace('export default', 'return')
        .replace('process.env.PLESK_API_KEY', JSON.stringify(API_KEY))
      return new Function('plesk', 'pleskAccounts', 'proftpd', code)(plesk, pleskAccounts, proftpd)
    }

    test('the rows have Type and Domain as Plesk says, and Remove ends the one that is meant', async () => {
      const [alice, dave] = [await connected('alice'), await connected('dave')]
      for (const login of ['carol', ftp.longLogin, 'bob', 'anonymous']) await connected(login)
      const office = await backOffice({ sources: sourcesOf() })
      try {
        const admin = await office.login('admin@example.com')
        expect((await admin.row('PanelSession', 'olga')).params).toMatchObject({ type: 'administrator' })
        const expected = [
          ['alice', 'domain-user', 'example.com'],
          ['carol', 'subdomain-user', 'shop.example.com'],
          ['dave', 'web-user', 'example.com'],
          [ftp.longLogin, 'domain-user', 'example.com'],
          ['ftp', 'anonymous', 'Main host'],
        ] as const
        for (const [login, type, domain] of expected) {
          const row = () => admin.row('FtpSession', login)
          await until(`the type of ${login}`, async () => (await row()).params.type)
          expect((await row()).params).toMatchObject({ source: 'proftpd', type, domain, ip: '127.0.0.1' })
        }
        // Plesk does not tell of it.
        expect((await admin.row('FtpSession', 'bob')).params.type ?? null).toBeNull()
        expect(api.packets.filter((packet) => packet.includes('<webspace>'))).toHaveLength(1)

        const { removals } = await admin.remove('FtpSession', (await admin.row('FtpSession', 'dave')).id)
        expect(removals).toMatchObject([{ outcome: 'ended' }])
        await until('the client has noticed', () => dave.control.closed)
        expect(await alice.command('NOOP')).toMatch(/^200/)
        const { records } = await admin.list('SessionRemoval')
        expect(records[0]!.params).toMatchObject({ login: 'dave', outcome: 'ended' })
      } finally {
        await office.stop()
      }
    })

    test('while Plesk cannot be asked, FTP sessions are listed and ended, and it is told why they have no type', async () => {
      api.instead = (_, response) => (send(response, 'Bad gateway', 502), true)
      const alice = await connected('alice')
      const office = await backOffice({ sources: [sourcesOf()[1]] })
      try {
        const admin = await office.login('admin@example.com')
        const row = await admin.row('FtpSession', 'alice')
        expect(row.params.type ?? null).toBeNull()
        const { sources } = (await admin.list('FtpSession')).sessions
        expect(sources).toMatchObject([
          { state: 'ok', warning: expect.stringMatching(/^Type and Domain of FTP sessions are empty.*HTTP 502/) },
        ])
        expect((await admin.remove('FtpSession', row.id)).removals).toMatchObject([{ outcome: 'ended' }])
        await until('the client has noticed', () => alice.control.closed)
      } finally {
        await office.stop()
      }
    })

    test('probe shows both lists at the first look', async () => {
      await connected('alice')
      const source = proftpd({ scoreboard: ftp.scoreboard })
      await until('its entry', async () =>
        (await source.list(new AbortController().signal)).some(({ login }) => login === 'alice'),
      )
      const dir = mkdtempSync(join(tmpdir(), 'docs-plesk-'))
      try {
        writeFileSync(join(dir, 'plesk-sources.mjs'), ours().replace("'adminjs-sessions'", `'${built}'`))
        const args = [command, 'probe', './plesk-sources.mjs', '--once']
        const options = { cwd: dir, env: { ...process.env, PLESK_API_KEY: API_KEY } }
        const { stdout } = await promisify(execFile)(process.execPath, args, options)
        expect(stdout).toMatch(/^plesk \(panel\): 1 session, at /m)
        expect(stdout).toMatch(/^olga +administrator /m)
        expect(stdout).toMatch(/^proftpd \(ftp\): 1 session, at /m)
        expect(stdout).toMatch(/^alice .* example\.com /m)
      } finally {
        rmSync(dir, { recursive: true })
      }
    })
  },
)
