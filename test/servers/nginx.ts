import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nginxIn, nginxReady } from '../../examples/servers/nginx.mjs'
import { startServer, type RunningServer } from './server.js'

/** Why no nginx can be started here, or null: for `describe.skip`. */
export const nginxMissing = runs() ? null : 'no nginx on the PATH (apt-get install nginx-light)'

function runs(): boolean {
  try {
    execFileSync('nginx', ['-v'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * Starts an nginx with these `server` blocks, in files of its own. `@dir@` in them is its directory, in which there are a
 * key and a certificate of its own for TLS: `key.pem`, `cert.pem`.
 */
export async function startNginx(servers: string): Promise<RunningServer> {
  const directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-nginx-'))
  const at = (name: string) => join(directory, name)
  execFileSync(
    'openssl',
    `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=panel.lan`
      .split(' ')
      .concat('-keyout', at('key.pem'), '-out', at('cert.pem')),
    { stdio: 'ignore' },
  )
  const args = nginxIn(directory, servers.replaceAll('@dir@', directory))
  const server = await startServer('nginx', args, nginxReady)
  return {
    ...server,
    async stop(signal) {
      await server.stop(signal)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
