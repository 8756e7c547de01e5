import { afterAll, describe, expect, test } from '@jest/globals'
import { Client } from 'basic-ftp'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { processStat } from '../../src/collectors/ftp/os/proc.js'
import { nginxMissing } from '../servers/nginx.js'
import { postgresMissing } from '../servers/postgres.js'
import { proftpdMissing } from '../servers/proftpd.js'
import { descendantsOf } from '../servers/tree.js'
import { until } from '../until.js'

interface Row {
  id: number
  host: string
  login: string | null
  ip: string
  condition: string
}

const missing = postgresMissing ?? proftpdMissing ?? nginxMissing
;(missing ? describe.skip : describe)(`the demo of several hosts ${missing ?? ''}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-demo-test-'))
  const children: ChildProcess[] = []
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(directory, { recursive: true })
  })

  /** Starts it, with a directory of its own for all that it makes. */
  async function startDemo() {
    await import('../fresh-dist.mjs')
    const began = Math.floor(Date.now() / 1000)
    const temporary = mkdtempSync(join(directory, 'tmp-'))
    for (const path of [directory, temporary]) chmodSync(path, 0o711)
    const child = spawn(process.execPath, ['examples/hosts/start.mjs'], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...process.env, NODE_OPTIONS: '', ADMIN_JS_SKIP_BUNDLE: '', TMPDIR: temporary },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    children.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
    const exited = once(child, 'exit').then(([code, signal]) => code ?? signal)
    const says = (what: string | RegExp) =>
      until(`it says ${what}`, () => {
        if (child.exitCode !== null) throw new Error(`It has ended. It said:\n${said}`)
        return new RegExp(what, 'm').exec(said)
      })
    const seen = new Map<number, number>()
    return {
      child,
      says,
      /** Remembers who runs of it by now. */
      look() {
        for (const pid of descendantsOf(child.pid!)) {
          const stat = processStat(pid)
          if (stat) seen.set(pid, stat.startTicks)
        }
        return seen.size
      },
      async endsBy(signal: NodeJS.Signals, how: string | number = 0) {
        child.kill(signal)
        expect(await exited).toBe(how)
        expect([...seen].filter(([pid, ticks]) => processStat(pid)?.startTicks === ticks)).toEqual([])
        expect(readdirSync(temporary)).toEqual([])
        expect(sharedMemoryOf([...seen.keys()], began)).toEqual([])
      },
    }
  }

  test('is seen at whichever back office, ended at the other host, and gone when it ends', async () => {
    const demo = await startDemo()
    await demo.says('Ctrl-C ends it all')
    const at = async (name: string) => (await demo.says(`^ {2}${name} +\\w+://127\\.0\\.0\\.1:(\\d+)`))[1]!
    const kill = async (name: string) => {
      const [, pid] = await demo.says(`^ {2}${name} .*kill -9 (\\d+)$`)
      process.kill(Number(pid), 'SIGKILL')
      await demo.says(`^${name} has ended \\(SIGKILL\\)`)
    }
    const [proxy, office2] = [await at('proxy'), await at('office2')]
    const password = async (login: string) => (await demo.says(`^ {2}${login} +(\\w{8})`))[1]!
    const form = new URLSearchParams({ email: 'admin@example.com', password: await password('admin@example.com') })
    const login = await ask(proxy, 'POST', '/admin/login', { body: form.toString() })
    expect(login.status).toBe(302)
    const cookie = login.cookie!
    const rows = async (resource: string, port = proxy): Promise<Row[]> => {
      const { status, body } = await ask(port, 'GET', `/admin/api/resources/${resource}/actions/list`, { cookie })
      expect(status).toBe(200)
      return JSON.parse(body).records.map(({ params }: { params: Row }) => params)
    }

    expect(await ask(proxy, 'GET', '/admin/frontend/assets/components.bundle.js', { cookie })).toMatchObject({
      status: 200,
      body: expect.stringContaining('AdminjsSessionsSessionsList'),
    })

    // One session, whoever collects it; and the address of who asks, not the proxy's.
    await until('its own session, with its address', async () => (await rows('PanelSession'))[0]?.ip)
    expect(await rows('PanelSession')).toMatchObject([{ host: 'panel', login: 'admin@example.com', ip: '127.0.0.2' }])
    const hosts = async () => (await rows('FtpSession')).map(({ host, login }) => `${host} ${login}`).sort()
    const all = ['ftp1', 'ftp2'].flatMap((host) => ['camera', 'ftp', 'shop'].map((login) => `${host} ${login}`))
    await until('the clients of both hosts', async () => JSON.stringify(await hosts()) === JSON.stringify(all))

    // A host that is killed keeps its rows; a removal waits for it; the other host's is carried out.
    await kill('ftp1-collect')
    const client = new Client()
    const port = Number(await at('ftp2-proftpd'))
    await client.access({ host: '127.0.0.1', port, user: 'press', password: await password('press') })
    const press = await until('a row of press', async () =>
      (await rows('FtpSession', office2)).find((row) => row.login === 'press'),
    )
    expect(press.host).toBe('ftp2')
    const remove = async (id: number, batch = crypto.randomUUID()) => {
      const path = `/admin/api/resources/FtpSession/bulk/remove?recordIds=${id}`
      const { body } = await ask(office2, 'POST', path, { cookie, body: JSON.stringify({ batch }) })
      return JSON.parse(body).removals[0].outcome as string
    }
    const batch = crypto.randomUUID()
    await until('it is ended', async () => (await remove(press.id, batch)) === 'ended')
    await until('its client is disconnected', () => client.closed)
    const shop = (await rows('FtpSession')).find((row) => row.host === 'ftp1' && row.login === 'shop')!
    const waits = crypto.randomUUID()
    expect(await remove(shop.id, waits)).toBe('pending')
    expect((await rows('FtpSession')).filter(({ host }) => host === 'ftp1')).toHaveLength(3)
    demo.child.stdin!.write('ftp1-collect\n')
    await until('it is ended, as its host is back', async () => (await remove(shop.id, waits)) === 'ended')

    // The proxy asks whoever is left.
    await kill('office1')
    for (let i = 0; i < 4; i++) await rows('PanelSession')

    // Sessions outlive a server that is killed, but not the demo.
    demo.look()
    await kill('ftp2-proftpd')
    await until('they are shown as what they are', async () =>
      (await rows('FtpSession')).some(({ host, condition }) => host === 'ftp2' && condition === 'orphaned'),
    )
    await demo.endsBy('SIGINT')
  })

  test('leaves nothing when its terminal is closed while it starts', async () => {
    const demo = await startDemo()
    await until('some of it runs', () => demo.look() > 2)
    await demo.endsBy('SIGHUP', 'SIGHUP')
  })
})

/** What these have made since then, as `/proc/sysvipc/shm` has it: one that is killed leaves it. */
function sharedMemoryOf(pids: number[], since: number): string[] {
  const [, ...lines] = readFileSync('/proc/sysvipc/shm', 'utf8').trimEnd().split('\n')
  return lines.filter((line) => {
    const fields = line.trim().split(/\s+/).map(Number)
    return pids.includes(fields[4]!) && fields[13]! >= since
  })
}

/** As a browser on another of this machine's addresses. */
async function ask(port: string, method: string, path: string, { cookie = '', body = '' } = {}) {
  const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded'
  const asking = request({
    ...{ host: '127.0.0.1', port, method, path, localAddress: '127.0.0.2' },
    headers: { cookie, ...(body && { 'content-type': type, 'content-length': Buffer.byteLength(body) }) },
  }).end(body)
  const [answer] = await once(asking, 'response')
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  const [set] = (answer.headers['set-cookie'] ?? []) as string[]
  return { status: answer.statusCode as number, body: text, cookie: set?.split(';')[0] }
}
