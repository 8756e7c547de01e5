import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { servers } from '../../../src/collectors/ftp/servers.js'

const folders = readdirSync('src/collectors/ftp', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

describe.each(servers)('$name', ({ name, folder, load, asRoot }) => {
  test('has a folder, in which its adapter is', async () => {
    expect(folders).toContain(folder)
    const adapter = await load()
    expect(adapter.name).toBe(name)
  })

  test('is exported by src/collect.ts, and so by src/index.ts', () => {
    const lines = readFileSync('src/collect.ts', 'utf8').split('\n')
    const line = lines.find((one) => one.includes(`'./collectors/ftp/${folder}/`)) ?? ''
    expect(line).toMatch(new RegExp(`^export \\{.*\\b${name}\\b.*\\}`))
  })

  test('has a page in docs/servers, which the table of servers links', () => {
    expect(existsSync(`docs/servers/${folder}.md`)).toBe(true)
    const table = readFileSync('docs/servers/README.md', 'utf8')
    expect(table).toMatch(new RegExp(`\\(${folder}\\.md\\) *\\| \`${name}\``))
  })

  test('is put before the kit, in a file of its own', () => {
    const text = readFileSync(`test/collectors/ftp/${folder}/contract.test.ts`, 'utf8')
    expect(text).toMatch(new RegExp(`[kK]eepsTheContract(<[^>]*>)?\\('${name}'`))
  })

  if (asRoot) {
    test('is ended as root by a function of its own', async () => {
      expect(await asRoot.load()).toBeInstanceOf(Function)
      expect(readFileSync(`src/collectors/ftp/${folder}/end-${folder}-as-root.ts`, 'utf8')).toContain(
        'export const endAsRoot',
      )
    })
  }
})

test('no folder is missing in the list; what is beside them is shared', () => {
  const shared = ['log', 'os', 'shared']
  expect(folders.filter((name) => !shared.includes(name)).sort()).toEqual(servers.map(({ folder }) => folder).sort())
})

test('no file of one folder has the name of a file of another: a stack trace shows little more than that', () => {
  const files = folders.flatMap((folder) => readdirSync(join('src/collectors/ftp', folder)))
  const names = files.filter((name) => name !== 'index.ts').sort()
  expect(names.filter((name, i) => name === names[i - 1])).toEqual([])
})
