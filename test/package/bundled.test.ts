import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import supertest from 'supertest'
import { until } from '../until.js'

const execute = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const nobody = 65534

// As a container image is made: components at build time, the server as one minified file; then nothing may be written.
describe('a back office that is a bundle, on a file system that is read-only', () => {
  let image: string
  let data: string

  beforeAll(async () => {
    await import('../fresh-dist.mjs')
    image = await mkdtemp(join(tmpdir(), 'adminjs-sessions-image-'))
    data = await mkdtemp(join(tmpdir(), 'adminjs-sessions-data-'))
    await symlink(join(root, 'node_modules'), join(image, 'node_modules'))

    const page = await readFile(join(root, 'docs/deployment.md'), 'utf8')
    const [, script] = /```js\n(\/\/ build-components[^]*?)```/.exec(page)!
    // Where it is built the package is one of the node_modules.
    const modules = join(image, 'build/node_modules')
    await mkdir(join(modules, 'adminjs-sessions'), { recursive: true })
    await symlink(join(root, 'node_modules/adminjs'), join(modules, 'adminjs'))
    for (const name of ['dist', 'package.json']) {
      await cp(join(root, name), join(modules, 'adminjs-sessions', name), { recursive: true })
    }
    await writeFile(join(image, 'build/build-components.mjs'), script)
    await writeFile(join(image, 'package.json'), '{ "type": "module" }')
    const environment = { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production' }
    const env = { ...environment, ADMIN_JS_TMP_DIR: join(image, 'adminjs-bundle') }
    await execute(process.execPath, ['build-components.mjs'], { cwd: join(image, 'build'), env })
    await rm(join(image, 'build'), { recursive: true })

    await build({
      entryPoints: [join(root, 'examples/minimal.mjs')],
      outfile: join(image, 'server.mjs'),
      bundle: true,
      minify: true,
      platform: 'node',
      format: 'esm',
      external: ['adminjs', '@adminjs/*', 'typeorm', 'express', 'express-session'],
      alias: { 'adminjs-sessions': join(root, 'dist/index.js') },
      logLevel: 'error',
    })
    await chmod(image, 0o555)
    await chmod(join(image, 'adminjs-bundle'), 0o555)
    await chmod(data, 0o777)
  })

  afterAll(async () => {
    await chmod(image, 0o755)
    await Promise.all([image, data].map((each) => rm(each, { recursive: true, force: true })))
  })

  test('serves its components and lists its sessions', async () => {
    const env = { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'production', PORT: '0', HOME: data }
    Object.assign(env, { ADMIN_JS_TMP_DIR: join(image, 'adminjs-bundle'), ADMIN_JS_SKIP_BUNDLE: 'true' })
    const child = spawn(process.execPath, [join(image, 'server.mjs')], {
      cwd: data,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      // Root writes wherever it likes.
      ...(process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}),
    })
    const exited = once(child, 'exit')
    try {
      let said = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
      const url = await until('it says where it is', () => child.exitCode ?? /^http:\S+/m.exec(said)?.[0])
      const agent = supertest.agent(new URL(String(url)).origin)
      const bundle = await agent.get('/admin/frontend/assets/components.bundle.js').expect(200)
      for (const name of ['SessionsList', 'RemoveDrawer', 'ValueCell']) {
        expect(bundle.text ?? String(bundle.body)).toContain(`AdminjsSessions${name}`)
      }
      await agent
        .post('/admin/login')
        .type('form')
        .send({ email: 'admin@example.com', password: 'change me' })
        .expect(302)
      const row = await until('its own session is listed', async () => {
        const { body } = await agent.get('/admin/api/resources/PanelSession/actions/list').expect(200)
        return (body as { records: { params: { login: string } }[] }).records[0]
      })
      expect(row.params.login).toBe('admin@example.com')
    } finally {
      child.kill('SIGKILL')
      await exited
    }
  })
})
