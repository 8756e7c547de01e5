import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A session of *exampled*, the FTP server of docs/write-an-adapter.md; null is shown as `-`. */
export interface ExampledSession {
  id: number
  since: string
  login: string | null
  ip: string
  state: string
  directory: string | null
  file: string | null
  done: number | null
  size: number | null
  active: string
}

/** Stands in for *exampled*: its tool is a real program, which reads what the test wrote. */
export function startExampled(dir: string) {
  const state = join(dir, 'sessions.json')
  const runDirectory = join(dir, 'run')
  const program = join(dir, 'exampledctl')
  mkdirSync(runDirectory, { recursive: true })
  writeFileSync(program, TOOL, { mode: 0o755 })
  let counter = 0
  const sessions = new Map<number, ExampledSession>()
  const save = () => {
    writeFileSync(`${state}.new`, JSON.stringify([...sessions.values()]))
    renameSync(`${state}.new`, state)
  }
  save()
  return {
    program,
    runDirectory,
    connect(fields: Partial<ExampledSession> = {}): ExampledSession {
      const now = new Date().toISOString().replace(/\.\d+/, '')
      const session = {
        ...{ id: ++counter, since: now, login: null, ip: '127.0.0.1', state: 'login', directory: null },
        ...{ file: null, done: null, size: null, active: now },
        ...fields,
      }
      sessions.set(session.id, session)
      save()
      writeFileSync(join(runDirectory, String(session.id)), '')
      return session
    },
    change(session: ExampledSession, fields: Partial<ExampledSession>): void {
      Object.assign(session, fields)
      save()
    },
    disconnect({ id }: ExampledSession): void {
      sessions.delete(id)
      save()
    },
    /** The tool ends sessions by itself. */
    async isConnected({ id }: ExampledSession): Promise<boolean> {
      const left = JSON.parse(await readFile(state, 'utf8')) as ExampledSession[]
      return left.some((one) => one.id === id)
    },
    restart(): void {
      counter = 0
      sessions.clear()
      save()
    },
    /** Puts another tool in the place of its own, until it is called without one. */
    replaceTool(code?: string): void {
      writeFileSync(`${program}.new`, code ?? TOOL, { mode: 0o755 })
      renameSync(`${program}.new`, program)
    },
  }
}

const TOOL = `#!${process.execPath}
const { readFileSync, renameSync, writeFileSync } = require('node:fs')
const state = require('node:path').join(__dirname, 'sessions.json')
const sessions = JSON.parse(readFileSync(state))
const [command, id] = process.argv.slice(2)
const field = (value) =>
  value === null ? '-' : String(value).replace(/[\\\\\\t\\n]/g, (one) => ({ '\\t': '\\\\t', '\\n': '\\\\n' })[one] ?? '\\\\\\\\')
if (command === 'sessions') {
  process.stdout.write('exampled 1\\n' + sessions.map((one) => Object.values(one).map(field).join('\\t') + '\\n').join(''))
} else {
  const left = sessions.filter((one) => String(one.id) !== id)
  if (left.length === sessions.length) process.exit(3)
  writeFileSync(state + '.tool', JSON.stringify(left))
  renameSync(state + '.tool', state)
}
`
