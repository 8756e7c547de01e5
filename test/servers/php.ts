import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { until } from '../until.js'
import { freePort, startServer } from './server.js'

/** Why no PHP can be started here, or null: for `describe.skip`. */
export const phpMissing = runs() ? null : 'no php (apt-get install php-cli)'

function runs(): boolean {
  try {
    execFileSync('php', ['-n', '-v'])
    return true
  } catch {
    return false
  }
}

/** A panel in PHP (php-panel.php) whose sessions are files. One request at a time: for two at once start two. */
export interface PhpPanel {
  /** A browser without a cookie. */
  browser(): PhpBrowser
  stop(): Promise<void>
}

/** @param savePath as PHP's `session.save_path` */
export async function startPhpPanel(savePath: string, handler: 'php' | 'php_serialize' = 'php'): Promise<PhpPanel> {
  const port = await freePort()
  const settings = [
    `session.save_path="${savePath}"`,
    `session.serialize_handler=${handler}`,
    'session.gc_probability=0',
  ]
  const server = await startServer(
    'php',
    ['-n', ...settings.flatMap((setting) => ['-d', setting]), '-S', `127.0.0.1:${port}`, 'test/servers/php-panel.php'],
    /Development Server .* started/,
  )
  return {
    browser: () => new PhpBrowser(port),
    stop: () => server.stop(),
  }
}

export class PhpBrowser {
  /** The id of its session, from its cookie. */
  id: string | undefined

  constructor(private readonly port: number) {}

  /** The same browser at another panel that has the same sessions. */
  at(other: PhpBrowser): PhpBrowser {
    const same = new PhpBrowser(other.port)
    same.id = this.id
    return same
  }

  /** What the panel answers: whose session it is. */
  async go(path: string, query: Record<string, string | Buffer> = {}): Promise<string> {
    const pairs = Object.entries(query).map(([name, value]) => `${name}=${escaped(value)}`)
    const asked = request({
      ...{ host: '127.0.0.1', port: this.port, path: `${path}?${pairs.join('&')}`, agent: false },
      headers: this.id === undefined ? {} : { cookie: `PHPSESSID=${this.id}` },
    }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    for (const cookie of response.headers['set-cookie'] ?? []) {
      const id = /^PHPSESSID=([^;]*)/.exec(cookie)?.[1]
      if (id !== undefined) this.id = id
    }
    const chunks: Buffer[] = []
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
    return Buffer.concat(chunks).toString()
  }

  /** A request that goes on, with its session open, until it is let go; resolves when it runs. */
  async hold(directory: string, path: string, then = ''): Promise<{ release(): Promise<string> }> {
    const file = join(directory, `hold-${crypto.randomUUID()}`)
    const answer = this.go(path, { until: file, then })
    await until('the request runs', () => existsSync(file))
    return {
      release() {
        rmSync(file)
        return answer
      },
    }
  }
}

const escaped = (value: string | Buffer) =>
  [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
