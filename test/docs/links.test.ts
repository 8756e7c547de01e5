import { expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
const below = files.flatMap((path) =>
  path === 'dist' || !statSync(join(root, path)).isDirectory()
    ? []
    : readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)),
)
const pages = [...files, ...below].filter((name) => name.endsWith('.md'))
const isPacked = (path: string) => files.some((packed) => path === packed || path.startsWith(`${packed}/`))

test.each(pages)('%s links to nothing that is not in the package', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replace(/^```.*?^```/gms, '')
  const links = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, link]) => link!)
  const paths = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => normalize(join(dirname(page), link)))
  expect(paths.filter((path) => !isPacked(path) || !existsSync(join(root, path)))).toEqual([])
})
