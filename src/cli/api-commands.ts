import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { visible } from '../text/printable.js'
import { duration, size } from '../text/format.js'
import { ApiClient } from './api-client.js'
import { WrongUsage } from './arguments.js'
import { allOf, NotAnswered, type Answered, type Client } from './client.js'
import { DatabaseClient } from './database-client.js'
import { ascii } from './json.js'
import type { Terminal } from './probe.js'
import { tableOf } from './table.js'

/** How such a command ends, beside wrong usage. */
const ENDS = { well: 0, notAll: 1, notSaid: 3 }

type Option = { type: 'string' | 'boolean' }
const text: Option = { type: 'string' }
const yesOrNo: Option = { type: 'boolean' }

const everywhere = { url: text, 'token-file': text, config: text, by: text, json: yesOrNo }
const filters = { login: text, person: text, ip: text, source: text, host: text, idle: text }
const until = { minutes: text, 'until-released': yesOrNo }

/** What each command takes; completion follows from here. */
export const apiCommands: Record<string, Record<string, Option>> = {
  list: { ...everywhere, ...filters, type: text, status: text },
  watch: everywhere,
  remove: {
    ...{ ...everywhere, ...filters, kind: text, reason: text, 'tell-reason': yesOrNo, 'when-idle': yesOrNo },
    ...{ 'keep-out': text, ...until, yes: yesOrNo },
  },
  'keep-out': { ...everywhere, login: text, ip: text, reason: text, ...until, yes: yesOrNo },
  release: { ...everywhere, yes: yesOrNo },
  removals: { ...everywhere, batch: text, since: text },
}

type Options = Record<string, string | boolean | undefined>

interface Call {
  client: Client
  options: Options
  positionals: string[]
  terminal: Terminal
}

/**
 * Runs a command that asks what the HTTP API answers: a back office, or the database itself.
 *
 * @returns its exit code: see docs/command-line.md
 * @throws WrongUsage
 */
export async function runApiCommand(command: string, args: string[], terminal: Terminal): Promise<number> {
  let parsed
  try {
    parsed = parseArgs({ args, options: apiCommands[command]!, allowPositionals: true })
  } catch (error) {
    throw new WrongUsage((error as Error).message, { cause: error })
  }
  const options = parsed.values as Options
  let client: Client | undefined
  try {
    client = await clientOf(options, terminal.signal)
    return await runs[command]!({ client, options, positionals: parsed.positionals, terminal })
  } catch (error) {
    if (terminal.signal.aborted) return interrupted(terminal, command)
    if (!(error instanceof NotAnswered)) throw error
    terminal.error.write(`${visible(error.message)}\n`)
    return ENDS.notAll
  } finally {
    await client?.close()
  }
}

async function clientOf(options: Options, signal: AbortSignal): Promise<Client> {
  const { url, 'token-file': tokenFile, config, by } = options as Record<string, string | undefined>
  if (config === undefined) {
    if (by !== undefined) throw new WrongUsage('--by is of --config: a back office has the token’s name on record.')
    return new ApiClient({ url, tokenFile }, signal)
  }
  if (url !== undefined) throw new WrongUsage('Expected either --url or --config, found both.')
  if (tokenFile !== undefined) {
    throw new WrongUsage('--token-file is of --url: over a database no token is asked for.')
  }
  return DatabaseClient.open(config, by, signal)
}

/** A watch is ended so; anything else has not come to its end. */
function interrupted(terminal: Terminal, command: string): number {
  if (command === 'watch') return ENDS.well
  const open = dangerous.has(command) ? ' What was asked for goes on: adminjs-sessions removals shows it.' : ''
  terminal.error.write(`Interrupted.${open}\n`)
  return ENDS.notAll
}

const dangerous = new Set(['remove', 'keep-out', 'release'])

const runs: Record<string, (call: Call) => Promise<number>> = {
  async list({ client, options, positionals, terminal }) {
    const kinds = positionals.length === 0 ? ['panel', 'ftp'] : positionals
    for (const kind of kinds) {
      if (kind !== 'panel' && kind !== 'ftp') throw new WrongUsage(`Expected panel or ftp, found ${kind}.`)
    }
    let isWhole = true
    for (const kind of kinds) {
      const rows: Answered[] = []
      let sources: Answered[] = []
      for await (const page of allOf(client, `/${kind}`, 'sessions', filtersOf(options))) {
        rows.push(...page.rows)
        sources = (page.sources as Answered[]).filter((source) => source.kind === kind)
      }
      if (options.json) for (const row of rows) terminal.out.write(`${ascii({ kind, ...row })}\n`)
      else if (rows.length > 0) writeLines(terminal, tableOf(...sessionCells(kind, rows)))
      else terminal.out.write(`No ${kind === 'ftp' ? 'FTP' : 'panel'} sessions.\n`)
      // An empty list of a source that fails is no news of anybody.
      for (const { name, host, state, lastGoodAt, error } of sources) {
        if (state === 'ok') continue
        isWhole = false
        const since = lastGoodAt === null ? 'never read' : `last read at ${String(lastGoodAt)}`
        const why = error === null ? '' : `: ${String(error)}`
        terminal.error.write(`${visible(`${String(name)} on ${String(host)} is ${String(state)}, ${since}${why}`)}\n`)
      }
    }
    return isWhole ? ENDS.well : ENDS.notAll
  },

  async watch({ client, options, terminal }) {
    for await (const { event, data } of client.events()) {
      if (options.json) {
        terminal.out.write(`${ascii({ event, data })}\n`)
        continue
      }
      const { login, ip, source, name, host, outcome, message, error, how } = {
        ...data,
        ...(data.session as Answered | undefined),
      } as Record<string, string | null | undefined>
      const words = [event, login, ip, source ?? name, host, outcome ?? how, message ?? error].filter(Boolean)
      terminal.out.write(`${new Date().toISOString()}  ${visible(words.join('  '))}\n`)
    }
    return terminal.signal.aborted ? ENDS.well : ENDS.notAll
  },

  async remove(call) {
    const { options, terminal } = call
    const { kind, source, host, ...which } = bodyOf(options)
    if (Object.keys(which).length === 0) {
      throw new WrongUsage('Expected which sessions: at least one of --login, --person, --ip and --idle.')
    }
    if (kind !== undefined && kind !== 'panel' && kind !== 'ftp') {
      throw new WrongUsage(`Expected --kind panel or --kind ftp, found ${String(kind)}.`)
    }
    const by = options['keep-out']
    if (by !== undefined && by !== 'login' && by !== 'ip') {
      throw new WrongUsage(`Expected --keep-out login or --keep-out ip, found ${String(by)}.`)
    }
    const keepOut = by === undefined ? undefined : { by, minutes: minutesOf(options) }
    if (!options.yes) {
      await runs.list!({ ...call, options: { ...options, json: false }, positionals: kind === undefined ? [] : [kind] })
      terminal.error.write('Nothing was ended. With --yes these end.\n')
      return ENDS.notSaid
    }
    return settle(call, '/removals', {
      ...{ kind, source, host, ...which, keepOut, reason: options.reason },
      ...{ tellReason: options['tell-reason'], whenIdle: options['when-idle'] },
    }, Boolean(options['when-idle'])) // prettier-ignore
  },

  async 'keep-out'(call) {
    const { options, terminal } = call
    const { login, ip, reason } = options
    if ((login === undefined) === (ip === undefined)) throw new WrongUsage('Expected either --login or --ip.')
    const minutes = minutesOf(options)
    if (!options.yes) {
      terminal.error.write('Nobody was kept out. Say --yes.\n')
      return ENDS.notSaid
    }
    return settle(call, '/keep-outs', { login, ip, minutes, reason })
  },

  async release({ client, options, positionals, terminal }) {
    const [id, ...others] = positionals
    if (id === undefined || !/^[1-9]\d{0,9}$/.test(id) || others.length > 0) {
      throw new WrongUsage('Expected the id of one removal: adminjs-sessions removals has them.')
    }
    if (!options.yes) {
      terminal.error.write('Nobody was let in. Say --yes.\n')
      return ENDS.notSaid
    }
    const removal = await client.post(`/removals/${id}/release`, {})
    writeRemovals(terminal, options, [removal])
    return ENDS.well
  },

  async removals({ client, options, terminal }) {
    const { batch, since } = options as { batch?: string; since?: string }
    const rows: Answered[] = []
    const query = { ...(batch !== undefined && { batch }), ...(since !== undefined && { since }) }
    for await (const page of allOf(client, '/removals', 'removals', query)) rows.push(...page.rows)
    writeRemovals(terminal, options, rows)
    return ENDS.well
  },
}

/** How often it is asked what has become of a removal, in ms. */
const askEvery = 500

/** Asks for it once, however often the network has to be asked, and waits for every outcome. */
async function settle(
  { client, options, terminal }: Call,
  path: string,
  body: object,
  mayWait = false,
): Promise<number> {
  const asked = await client.post(path, { ...body, batch: crypto.randomUUID() })
  const batch = String(asked.batch)
  for (const { source, error } of (asked.unread ?? []) as Answered[]) {
    terminal.error.write(
      `${visible(`${String(source)} could not be read, so what is new there was not found: ${String(error)}`)}\n`,
    )
  }
  for (;;) {
    const rows: Answered[] = []
    for await (const page of allOf(client, '/removals', 'removals', { batch })) rows.push(...page.rows)
    const pending = rows.filter(({ outcome }) => outcome === 'pending')
    // One of which it is said why it is pending waits for a host that is silent: nobody knows for how long.
    if (pending.some(({ message }) => message === null) && !mayWait) {
      await sleep(askEvery, undefined, { signal: terminal.signal })
      continue
    }
    if (rows.length === 0 && !options.json) terminal.out.write('No such session.\n')
    else writeRemovals(terminal, options, rows)
    const well = ['ended', 'already-gone', 'kept-out', ...(mayWait ? ['pending'] : [])]
    const isDone = rows.every(({ outcome }) => well.includes(String(outcome)))
    return isDone && ((asked.unread as unknown[] | undefined) ?? []).length === 0 ? ENDS.well : ENDS.notAll
  }
}

function writeRemovals(terminal: Terminal, { json }: Options, rows: Answered[]): void {
  if (json) {
    for (const row of rows) terminal.out.write(`${ascii(row)}\n`)
    return
  }
  if (rows.length === 0) {
    terminal.out.write('No removals.\n')
    return
  }
  const titles = ['ID', 'REQUESTED', 'LOGIN', 'IP', 'SOURCE', 'HOST', 'OUTCOME', 'BY', 'REASON', 'MESSAGE']
  const fields = ['id', 'requestedAt', 'login', 'ip', 'source', 'host', 'outcome', 'removedBy', 'reason', 'message']
  writeLines(terminal, tableOf(titles, rows.map((row) => fields.map((field) => said(row[field]))))) // prettier-ignore
}

type Column = [title: string, show: (row: Answered) => string]

function sessionCells(kind: string, rows: Answered[]): [string[], string[][]] {
  const now = Date.now()
  const ago = (value: unknown) => (typeof value === 'string' ? duration(Math.max(0, now - Date.parse(value))) : '')
  const field = (title: string, name: string): Column => [title, (row) => said(row[name])]
  const ofFtp = (...columns: Column[]) => (kind === 'ftp' ? columns : [])
  const columns = [
    ...[field('ID', 'id'), field('LOGIN', 'login'), field('TYPE', 'type')],
    ...ofFtp(field('STATUS', 'status')),
    field('IP', 'ip'),
    ['SINCE', ({ loggedInAt, connectedAt }) => ago(loggedInAt ?? connectedAt)] as Column,
    ['IDLE', ({ lastActiveAt }) => ago(lastActiveAt)] as Column,
    ...ofFtp(field('FILE', 'fileName'), [
      'SPEED',
      ({ bytesPerSecond: speed }) => (typeof speed === 'number' ? `${size(speed, 'en')}/s` : ''),
    ]),
    ...[field('SOURCE', 'source'), field('HOST', 'host')],
  ]
  return [columns.map(([title]) => title), rows.map((row) => columns.map(([, show]) => show(row)))]
}

const said = (value: unknown) => (value == null ? '' : String(value as string | number))

function writeLines({ out }: Terminal, lines: string[]): void {
  out.write(lines.map((line) => `${line}\n`).join(''))
}

function bodyOf({ login, person, ip, source, host, kind, ...options }: Options): Record<string, unknown> {
  const given = { login, person, ip, source, host, kind, idleFor: idleOf(options) }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function filtersOf(options: Options): Record<string, string> {
  const { type, status } = options
  const given = { ...bodyOf({ ...options, kind: undefined }), type, status }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
}

/** `--idle 30` is minutes. */
function idleOf({ idle }: Options): number | undefined {
  if (idle === undefined) return undefined
  const minutes = Number(idle)
  if (!(minutes >= 0)) throw new WrongUsage(`Expected a number of minutes after --idle, found ${String(idle)}.`)
  return Math.round(minutes * 60_000)
}

function minutesOf({ minutes, 'until-released': open }: Options): number | null {
  if ((minutes === undefined) === (open === undefined)) {
    throw new WrongUsage('Expected how long they are kept out: either --minutes 60 or --until-released.')
  }
  if (open) return null
  const number = Number(minutes)
  if (!Number.isInteger(number) || number < 1) {
    throw new WrongUsage(`Expected a whole number of minutes after --minutes, found ${String(minutes)}.`)
  }
  return number
}
