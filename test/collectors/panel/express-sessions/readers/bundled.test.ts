import { expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { storeKinds } from '../stores.js'

/** What has native parts, starts workers, or is not bundled by anybody's server: loaded as it is. */
const external = ['sqlite3', 'pg', 'redis', 'ioredis', 'mysql2', 'mongodb', 'sequelize', 'knex', 'typeorm']

test('a server that esbuild has bundled and minified: each store is known by what it has', async () => {
  // Beside this file, from where it finds what is external.
  const directory = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'bundled-'))
  try {
    const outfile = join(directory, 'server.mjs')
    await build({
      ...{ entryPoints: [fileURLToPath(new URL('bundled.child.ts', import.meta.url))], outfile, external },
      ...{ bundle: true, minify: true, platform: 'node', format: 'esm', logLevel: 'error' },
      banner: {
        js: `import { createRequire } from 'node:module'
             const require = createRequire(import.meta.url), { dirname: __dirname, filename: __filename } = import.meta`,
      },
    })
    // What these two read beside themselves.
    for (const file of ['connect-pg-simple/table.sql', 'express-mysql-session/schema.sql'])
      copyFileSync(createRequire(import.meta.url).resolve(file), join(directory, basename(file)))
    const { stdout } = await promisify(execFile)(process.execPath, [outfile], { timeout: 300_000 })
    const told = stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { name: string; className: string; listed: unknown; left: number })
    const kinds = storeKinds.filter(({ missing }) => missing === null)
    expect(told.map(({ name }) => name)).toEqual(kinds.map(({ name }) => name))
    for (const { name, listed, left } of told)
      expect({ name, listed, left }).toEqual({ name, listed: [['sid-1', 'alice']], left: 0 })
    // They have other names indeed.
    expect(told.map(({ className }) => className)).not.toContain('FileStore')
    expect(told.filter(({ className }) => className.length > 3).map(({ className }) => className)).toEqual([])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
