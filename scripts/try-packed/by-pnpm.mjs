import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, expectPages, makeApp, openApp, packages } from './fresh-app.mjs'

const page = readFileSync(new URL('../../docs/deployment.md', import.meta.url), 'utf8')
const [, section] = /\n## pnpm\n([^]*?)\n## /.exec(page)
/** The settings that docs/deployment.md gives, as they stand there; and those by which the layout stays pnpm's own. */
const [advice, keepsLayout] = [...section.matchAll(/```yaml\n([^]*?)```/g)].map(([, yaml]) => yaml)

function without(setting, yaml) {
  const rest = yaml.replace(new RegExp(`^${setting}:.*\\n(?: .*\\n)*`, 'm'), '')
  if (rest === yaml) throw new Error(`docs/deployment.md was expected to set ${setting} for pnpm.`)
  return rest
}
const ownLayout = without('nodeLinker', advice)

/** What docs/deployment.md says of pnpm, with the newest of one major version: what it mends, and what happens without. */
export async function tryPnpm(directory, tarball, major) {
  mkdirSync(directory)
  // A store of its own: nothing is there yet, and nothing is left behind.
  const env = { ...process.env, XDG_DATA_HOME: join(directory, 'data'), XDG_CACHE_HOME: join(directory, 'cache') }
  const pnpm = (cwd, ...args) => {
    const exec = ['exec', '--yes', '--', `pnpm@${major}`, ...args]
    const { status, stdout, stderr } = spawnSync('npm', exec, { cwd, env, encoding: 'utf8' })
    return { status, said: (stdout + stderr).slice(-3000) }
  }
  const version = pnpm(directory, '--version').said.trim()
  let apps = 0

  /** What becomes of an app with these settings: what pnpm says, and what the app answers or says as it ends. */
  const app = async (what, settings, express, npmrc = '') => {
    console.log(`pnpm ${version}, ${express}: ${what}`)
    const cwd = makeApp(join(directory, `app-${++apps}`))
    writeFileSync(join(cwd, 'pnpm-workspace.yaml'), settings)
    writeFileSync(join(cwd, '.npmrc'), npmrc)
    const others = packages.filter((one) => one !== 'express')
    const { status, said } = pnpm(cwd, 'add', tarball, ...others, express)
    return { status, said, ...(await openApp(cwd).catch(({ message }) => ({ ended: message.slice(-3000) }))) }
  }
  const works = ({ status, said, ended, ...answers }) => {
    expect(status === 0, 'pnpm add', said)
    expect(ended === undefined, 'the app starts', ended)
    if (ended === undefined) expectPages(answers)
  }

  for (const express of ['express@5', 'express@4']) {
    works(await app('as advised', advice, express))
    works(await app("pnpm's own layout, as advised", ownLayout + keepsLayout, express))

    const { scripts = {}, ...rest } = await app("pnpm's own layout, without the rest of it", ownLayout, express)
    const { 'components.bundle.js': bundle, ...own } = scripts
    const [expected, found] = [express === 'express@5' ? 404 : 200, Object.values(own).map(({ status }) => status)]
    const are = found.length > 2 && found.every((status) => status === expected)
    expect(are, `AdminJS's own scripts are ${expected}`, [found, rest])
    const fails = bundle?.status === 500 && bundle.code.includes('@babel/plugin-syntax-import-assertions')
    expect(fails, 'components are not bundled for want of a Babel plugin', bundle)
  }
  works(await app('without virtualStoreDir', ownLayout + without('virtualStoreDir', keepsLayout), 'express@4'))

  if (major > 11) {
    const { scripts } = await app('node-linker in .npmrc', ownLayout, 'express@5', 'node-linker=hoisted')
    expect(scripts?.['app.bundle.js'].status === 404, 'pnpm does not read it there', scripts)
  }

  const unfit = await app('without overrides', without('overrides', advice), 'express@5')
  expect(/'@tiptap\/core' does not provide an export/.test(unfit.ended), 'AdminJS does not start', unfit)

  const unbuilt = await app('without allowBuilds', without('allowBuilds', advice), 'express@5')
  expect(/Ignored build scripts:.*sqlite3/.test(unbuilt.said), 'pnpm does not build sqlite3', unbuilt.said)
  expect(/SQLite package has not been found/.test(unbuilt.ended), 'the app does not start', unbuilt)
}
