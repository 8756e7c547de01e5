// What each part of the demo runs: what `Part` takes.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { greets, proftpdIn } from '../back-office/ftp-proftpd.mjs'
import { freePort } from '../servers/free-port.mjs'
import { nginxIn, nginxReady } from '../servers/nginx.mjs'
import { printed } from '../servers/printed.mjs'

/** An FTP host: its server, and what collects there. */
export async function ftpHost(host, directory, databaseUrl) {
  const own = join(directory, host)
  mkdirSync(own)
  const port = await freePort()
  const { program, args, scoreboard, controls, pidFile } = await proftpdIn(own, port)
  const env = { DATABASE_URL: databaseUrl, HOST: host, SCOREBOARD: scoreboard, CONTROLS: controls }
  const config = fileOf('sessions.config.mjs')
  return {
    port,
    server: {
      name: `${host}-proftpd`,
      address: `ftp://127.0.0.1:${port}`,
      program,
      args,
      async ready(child) {
        await greets(child, port)
        return Number(readFileSync(pidFile, 'utf8'))
      },
    },
    collector: {
      ...node(`${host}-collect`, [fileOf('../../dist/cli/main.js'), 'collect', '--config', config], env),
      address: `adminjs-sessions collect, as ${host}`,
      ready: (child) => printed(child, / is read: /, 'collect'),
    },
  }
}

export async function backOffice(name, databaseUrl) {
  const port = await freePort()
  const env = { DATABASE_URL: databaseUrl, PORT: String(port) }
  return {
    port,
    ...node(name, [fileOf('office.mjs')], env),
    address: `http://127.0.0.1:${port}/admin`,
    ready: (child) => printed(child, /listens/, name),
  }
}

/** Once for both back offices, before any other of them begins. */
export const bundler = () =>
  node('components', [fileOf('bundle-components.mjs'), process.env.ADMIN_JS_TMP_DIR], { ADMIN_JS_SKIP_BUNDLE: 'false' })

/** An nginx that asks whichever of the back offices answers, and says who asks. */
export async function proxyBefore(offices, directory) {
  const own = join(directory, 'proxy')
  mkdirSync(own)
  const port = await freePort()
  const blocks = `
      upstream offices { ${offices.map((office) => `server 127.0.0.1:${office.port} fail_timeout=1s;`).join(' ')} }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://offices;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $remote_addr;
        }
      }`
  return {
    name: 'proxy',
    address: `http://127.0.0.1:${port}/admin`,
    program: 'nginx',
    args: nginxIn(own, blocks),
    ready: (child) => printed(child, nginxReady, 'nginx'),
  }
}

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url))

/** production: AdminJS's pages are an eighth as big then. */
const node = (name, args, env) => ({
  name,
  program: process.execPath,
  args: [...process.execArgv, ...args],
  options: { env: { ...process.env, NODE_ENV: 'production', ADMIN_JS_SKIP_BUNDLE: 'true', ...env } },
})
