import type { Gauge, Registry } from 'prom-client'
import type { ObjectLiteral, Repository } from 'typeorm'
import { stateOf } from './actions/source-state.js'
import type { Collector } from './collectors/engine/collector.js'
import type { Database } from './database/open-database.js'
import type { SessionEventMap } from './database/session-events.js'
import { complaint } from './text/complaint.js'
import { messageOf } from './text/error-message.js'

export interface MetricsParts {
  database: Database
  collectors: readonly Collector[]
  report(message: string): void
}

const source = ['kind', 'source', 'host'] as const

/**
 * Registers what this process reads and ends with a registry of prom-client: no login, no address and no file is a label.
 * What the tables hold is asked for at each scrape; where they can't be read, those metrics are absent and the host's
 * others go on.
 *
 * @returns takes them out again
 * @throws Error where prom-client is not installed, or the registry has metrics of these names already
 */
export async function registerMetrics(
  registry: Registry,
  { database, collectors, report }: MetricsParts,
): Promise<() => void> {
  const { Counter, Gauge, Histogram } = await import('prom-client').catch((error: unknown) => {
    throw new Error('sessions.metrics needs the package "prom-client". Run: npm install prom-client', { cause: error })
  })
  const registers = [registry]
  let scraping: Promise<void> | undefined
  // All gauges are asked at once, and wait for one answer.
  const collect = () => (scraping ??= scrape().finally(() => (scraping = undefined)))
  const gauges: Gauge<string>[] = []
  const gauge = (name: string, help: string, labelNames: readonly string[]) => {
    const made = new Gauge({ name, help, labelNames, registers, collect })
    gauges.push(made)
    return made
  }
  const open = gauge('adminjs_sessions_open', 'Sessions that are open, by kind, type and source.', [...source, 'type'])
  const transfers = gauge('adminjs_sessions_transfers', 'Files that are being moved by FTP.', [
    'source',
    'host',
    'direction',
  ])
  const speed = gauge(
    'adminjs_sessions_transfer_bytes_per_second',
    'What FTP transfers move, as far as their speed is known; absent while their source cannot be read.',
    ['source', 'host', 'direction'],
  )
  const up = gauge(
    'adminjs_sessions_source_up',
    '1 while a source can be read, else 0: then its sessions are those of its last good reading.',
    source,
  )
  const readAt = gauge(
    'adminjs_sessions_source_read_timestamp_seconds',
    'When a source was last read in full; refreshed once a minute.',
    source,
  )
  const keptOut = gauge('adminjs_sessions_kept_out', 'Logins and addresses that are kept out.', [
    'source',
    'host',
    'by',
  ])
  const polls = new Histogram({
    name: 'adminjs_sessions_poll_seconds',
    help: 'How long it took to read a source and to write what had changed.',
    labelNames: source,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const failures = new Counter({
    name: 'adminjs_sessions_poll_failures_total',
    help: 'Polls that failed.',
    labelNames: source,
    registers,
  })
  const removals = new Counter({
    name: 'adminjs_sessions_removals_total',
    help: 'Removals that this process has carried out, by outcome.',
    labelNames: [...source, 'outcome', 'via'],
    registers,
  })

  const isMine = (row: { host: string; source: string }) => collectors.some((one) => one.isOf(row))
  const nameOf = (row: { host: string; source: string }) => JSON.stringify([row.host, row.source])
  const whose = (kind: string, row: { host: string; source: string }) => ({ kind, source: row.source, host: row.host })

  const { say, well } = complaint(report)
  async function scrape(): Promise<void> {
    // One that failed would take the host's own metrics with it.
    const found = await read(database).then(
      (read) => {
        well()
        return read
      },
      (error: unknown) => void say(`the tables could not be read for metrics: ${messageOf(error)}`),
    )
    for (const one of gauges) one.reset()
    if (found === undefined) return
    const live = new Set<string>()
    for (const status of found.statuses) {
      const row = { host: status.host, source: status.name }
      if (!isMine(row)) continue
      const isUp = stateOf(status).state === 'ok'
      up.set(whose(status.kind, row), isUp ? 1 : 0)
      if (isUp) live.add(nameOf(row))
      if (status.lastGoodAt) readAt.set(whose(status.kind, row), status.lastGoodAt.getTime() / 1000)
    }
    for (const [kind, rows] of Object.entries(found.open)) {
      for (const row of rows.filter(isMine)) open.set({ ...whose(kind, row), type: row.type ?? '' }, Number(row.count))
    }
    for (const row of found.moving.filter(isMine)) {
      const labels = { source: row.source, host: row.host, direction: row.status === 'uploading' ? 'up' : 'down' }
      transfers.set(labels, Number(row.count))
      // What its rows moved when they were last seen is no speed of now.
      if (live.has(nameOf(row))) speed.set(labels, Number(row.speed ?? 0))
    }
    for (const row of found.held.filter(isMine)) {
      keptOut.set({ source: row.source, host: row.host, by: row.by }, Number(row.count))
    }
  }

  const { events } = database
  const polled = ({ kind, name, host, ms, error }: SessionEventMap['polled']) => {
    polls.observe({ kind, source: name, host }, ms / 1000)
    // With 0 from its first poll on: a counter that is not there can't be seen to begin.
    failures.inc({ kind, source: name, host }, error === null ? 0 : 1)
  }
  const removed = ({ kind, source, host, outcome, removedVia: via }: SessionEventMap['removed']) =>
    removals.inc({ kind, source: source ?? '', host: host ?? '', outcome, via })
  events.on('polled', polled).on('removed', removed)
  return () => {
    events.off('polled', polled).off('removed', removed)
    for (const metric of [...gauges, polls, failures, removals]) {
      registry.removeSingleMetric((metric as unknown as { name: string }).name)
    }
  }
}

interface Counted {
  host: string
  source: string
  count: string | number
}

/** What the tables hold, in a few numbers. */
async function read({ panelSessions, ftpSessions, sourceStatuses, holds }: Database) {
  const counted = <Row extends Counted>(of: object, columns: string[], narrow: string, also?: string) => {
    const query = (of as Repository<ObjectLiteral>).createQueryBuilder('one').select('COUNT(*)', 'count').where(narrow)
    for (const column of columns) query.addSelect(`one.${column}`, column).addGroupBy(`one.${column}`)
    if (also !== undefined) query.addSelect(also, 'speed')
    return query.getRawMany<Row>()
  }
  type Open = Counted & { type: string | null }
  const types = ['host', 'source', 'type']
  const [statuses, panel, ftp, moving, held] = await Promise.all([
    sourceStatuses.find(),
    counted<Open>(panelSessions, types, '1 = 1'),
    counted<Open>(ftpSessions, types, '1 = 1'),
    counted<Counted & { status: string; speed: string | number | null }>(
      ftpSessions,
      ['host', 'source', 'status'],
      `one.status IN ('uploading', 'downloading')`,
      'SUM(one.bytesPerSecond)',
    ),
    holds
      .createQueryBuilder('one')
      .select('one.host', 'host')
      .addSelect('one.source', 'source')
      .addSelect('one.by', 'by')
      .addSelect('COUNT(DISTINCT one.value)', 'count')
      .where(`one.by IN ('login', 'ip') AND one.until > :now`, { now: new Date() })
      .groupBy('one.host')
      .addGroupBy('one.source')
      .addGroupBy('one.by')
      .getRawMany<Counted & { by: string }>(),
  ])
  return { statuses, open: { panel, ftp }, moving, held }
}
