import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { thorough } from '../thorough.js'

const execute = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

interface Manifest {
  name: string
  version: string
  dependencies: Record<string, string>
  peerDependencies: Record<string, string>
}

// The package as npm would publish it, unpacked into an app that has nothing but what the package asks for. What this
// cannot say, that a plain `npm install` goes without a warning, scripts/try-packed.mjs says: it takes minutes.
describe('the packed package', () => {
  let app: string
  let files: string[]
  let manifest: Manifest

  beforeAll(async () => {
    manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest
    app = await mkdtemp(join(tmpdir(), 'adminjs-sessions-pack-'))
    const modules = join(app, 'node_modules')
    const unpacked = join(modules, manifest.name)
    await mkdir(unpacked, { recursive: true })
    await execute('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', app], { cwd: root })
    const tarball = join(app, `${manifest.name}-${manifest.version}.tgz`)
    await execute('tar', ['-xzf', tarball, '--strip-components=1', '-C', unpacked])
    files = (await readdir(unpacked, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1))
    await link(modules, [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)])
    await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }))
  })

  afterAll(() => rm(app, { recursive: true, force: true }))

  async function link(modules: string, names: string[]) {
    for (const name of names) {
      await mkdir(join(modules, name, '..'), { recursive: true })
      await symlink(join(root, 'node_modules', name), join(modules, name))
    }
  }

  test('holds what it needs and nothing else', () => {
    const parts = new Set(files.map((file) => file.split('/')[0]))
    const pages = ['CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md']
    expect([...parts].sort()).toEqual([...pages, 'LICENSE', 'dist', 'docs', 'examples', 'package.json'].sort())
    expect(files).toContain('dist/index.js')
    expect(files).toContain('dist/index.d.ts')
    expect(files.filter((file) => /^examples\/(?!adapter\/)/.test(file))).toEqual([])
    const foreign = files.filter((file) => file.startsWith('dist/') && !/\.(js|d\.ts)$/.test(file))
    expect(foreign).toEqual([])
  })

  test('names nothing of the machine it was made on', async () => {
    for (const file of files.filter((name) => /\.(m?js|ts|md|json)$/.test(name))) {
      expect(await readFile(join(app, 'node_modules', manifest.name, file), 'utf8')).not.toContain(root)
    }
  })

  test('starts in an app that has its dependencies and peers alone', async () => {
    await writeFile(
      join(app, 'app.mjs'),
      `import AdminJS, { ComponentLoader } from 'adminjs'
       import session from 'express-session'
       import { createSessions, expressSessions } from 'adminjs-sessions'
       const componentLoader = new ComponentLoader()
       const sessions = await createSessions({
         componentLoader,
         sources: [expressSessions({ store: new session.MemoryStore() })],
         access: { remove: () => true },
       })
       const admin = new AdminJS({ componentLoader, resources: sessions.resources })
       console.log(JSON.stringify(admin.resources.map((resource) => resource.decorate().id())))
       await sessions.stop()`,
    )
    const { stdout, stderr } = await execute(process.execPath, ['app.mjs'], { cwd: app })
    const said: unknown = JSON.parse(stdout.trim().split('\n').at(-1)!)
    expect(said).toEqual(
      expect.arrayContaining(['PanelSession', 'FtpSession', 'SessionRemoval', 'SessionSourceStatus']),
    )
    expect(stderr).toBe('')
  })

  // Every day for adapters alone, where neither AdminJS nor TypeORM is installed.
  const testAlso = thorough ? test : () => {}
  testAlso('has types that a strict TypeScript app compiles with', async () => {
    await link(join(app, 'node_modules'), ['@types/node', '@types/express', '@types/express-session'])
    await writeFile(
      join(app, 'app.ts'),
      `import { ComponentLoader } from 'adminjs'
       import session from 'express-session'
       import { createSessions, expressSessions, proftpd, type FtpSource } from 'adminjs-sessions'
       const own: FtpSource = { name: 'own', kind: 'ftp', evidence: 'live', list: async () => [], end: async () => 'asked' }
       const sessions = await createSessions({
         componentLoader: new ComponentLoader(),
         sources: [expressSessions({ store: new session.MemoryStore() }), proftpd(), own],
         access: { remove: ({ currentAdmin }) => currentAdmin?.role === 'admin' },
       })
       await sessions.stop()
       // @ts-expect-error access is required
       await createSessions({ componentLoader: new ComponentLoader(), sources: [] })`,
    )
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022']
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const compiled = execute(process.execPath, [compiler, ...options, '--types', 'node', 'app.ts'], { cwd: app })
    await expect(compiled.catch((error: { stdout: string }) => error)).resolves.toMatchObject({ stdout: '' })
  })
  test('lets adapters be written where neither AdminJS nor TypeORM is installed', async () => {
    const adapter = join(app, 'adapter')
    const modules = join(adapter, 'node_modules')
    await mkdir(modules, { recursive: true })
    await cp(join(app, 'node_modules', manifest.name), join(modules, manifest.name), { recursive: true })
    for (const name of ['@types/node', 'undici-types']) {
      await mkdir(join(modules, name, '..'), { recursive: true })
      await symlink(join(root, 'node_modules', name), join(modules, name))
    }
    await writeFile(join(adapter, 'package.json'), JSON.stringify({ name: 'adapter', private: true, type: 'module' }))
    const page = await readFile(join(root, 'src/collectors/ftp/os/index.ts'), 'utf8')
    const example = /```ts\n([^]*?)```/.exec(page)![1]!.replace(/^ \* ?/gm, '')
    await writeFile(
      join(adapter, 'adapter.ts'),
      `${example}
       import { decodeName, ProgramFailed, RemovalRefused, runProgram } from 'adminjs-sessions/source'
       const { signal } = new AbortController()
       const { code, bytes } = await runProgram(process.execPath, ['-p', '1'], signal)
       const sessions = await myFtpd().list(signal)
       console.log(code, decodeName(bytes), sessions.length, RemovalRefused.name, ProgramFailed.name)`,
    )
    const options = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node']
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const compiled = execute(process.execPath, [compiler, ...options, 'adapter.ts'], { cwd: adapter })
    await expect(compiled.catch((error: { stdout: string }) => error)).resolves.toMatchObject({ stdout: '' })
    const { stdout } = await execute(process.execPath, ['adapter.js'], { cwd: adapter })
    expect(stdout).toBe('0 1␊ 0 RemovalRefused ProgramFailed\n')
  })

  test('has an example that can be copied to where the package is installed', async () => {
    await cp(join(app, 'node_modules', manifest.name, 'examples/adapter'), join(app, 'mine'), { recursive: true })
    const files = (await readdir(join(app, 'mine'))).filter((file) => file.endsWith('.mjs') && file !== 'check.mjs')
    const program = [...files.map((file) => `./${file}`), 'adminjs-sessions/testing'].map((name) => `import '${name}'`)
    await writeFile(join(app, 'mine/all.mjs'), program.join('\n'))
    await execute(process.execPath, ['all.mjs'], { cwd: join(app, 'mine') })
  })
})
