import type { Gauge, Registry } from 'prom-client'
import type { ObjectLiteral, Repository } from 'typeorm'
import type { Collector } from './collectors/engine/collector.js'
import type { Database } from './database/open-database.js'
import type { SessionEventMap } from './database/session-events.js'
import { messageOf } from './text/error-message.js'

export interface MetricsParts {
  database: Database
  collectors: readonly Collector[]
  /** Of the sources that have no host of their own. */
  host: string
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
  { database, collectors, host, report }: MetricsParts,
): Promise<() => void> {
  const { Counter, Gauge, Histogram } = await import('prom-client').catch((error: unknown) => {
    throw new Error('sessions.metrics needs the package "prom-client". Run: npm install prom-client', { cause: error })
  })
  const registers = [registry]
  let scraping: Promise<void> | undefined
  // All gauges are asked at once, and wait for one answer.
  const collect = () => (scraping ??= scrape().finally(() => (scraping = undefined)))
  const open = new Gauge({
    name: 'adminjs_sessions_open',
    help: 'Sessions that are open, by kind, type and source.',
    labelNames: [...source, 'type'],
    registers,
    collect,
  })
  const transfers = new Gauge({
    name: 'adminjs_sessions_transfers',
    help: 'Files that are being moved by FTP.',
    labelNames: ['source', 'host', 'direction'],
    registers,
    collect,
  })
  const speed = new Gauge({
    name: 'adminjs_sessions_transfer_bytes_per_second',
    help: 'What FTP transfers move, as far as their speed is known.',
    labelNames: ['source', 'host', 'direction'],
    registers,
    collect,
  })
  const up = new Gauge({
    name: 'adminjs_sessions_source_up',
    help: '1 while a source can be read, else 0: then its sessions are those of its last good reading.',
    labelNames: source,
    registers,
    collect,
  })
  const readAt = new Gauge({
    name: 'adminjs_sessions_source_read_timestamp_seconds',
    help: 'When a source was last read in full; refreshed once a minute.',
    labelNames: source,
    registers,
    collect,
  })
  const keptOut = new Gauge({
    name: 'adminjs_sessions_kept_out',
    help: 'Logins and addresses that are kept out.',
    labelNames: ['source', 'host', 'by'],
    registers,
    collect,
  })
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
  const gauges: Gauge<string>[] = [open, transfers, speed, up, readAt, keptOut]

  const mine = new Set(collectors.map((one) => nameOf(one.source.host ?? host, one.source.name)))
  const isMine = (row: { host: string; source: string }) => mine.has(nameOf(row.host, row.source))
  const whose = (kind: string, row: { host: string; source: string }) => ({ kind, source: row.source, host: row.host })

  let reported = ''
  async function scrape(): Promise<void> {
    let found
    try {
      found = await read(database)
      reported = ''
    } catch (error) {
      // A scrape that failed would take the host's own metrics with it.
      for (const gauge of gauges) gauge.reset()
      const message = `the tables could not be read for metrics: ${messageOf(error)}`
      if (message !== reported) report(message)
      reported = message
      return
    }
    for (const gauge of gauges) gauge.reset()
    for (const status of found.statuses) {
      const row = { host: status.host, source: status.name }
      if (!isMine(row)) continue
      up.set(whose(status.kind, row), status.state === 'ok' ? 1 : 0)
      if (status.lastGoodAt) readAt.set(whose(status.kind, row), status.lastGoodAt.getTime() / 1000)
    }
    for (const [kind, rows] of Object.entries(found.open)) {
      for (const row of rows.filter(isMine)) open.set({ ...whose(kind, row), type: row.type ?? '' }, Number(row.count))
    }
    for (const row of found.moving.filter(isMine)) {
      const labels = { source: row.source, host: row.host, direction: row.status === 'uploading' ? 'up' : 'down' }
      transfers.set(labels, Number(row.count))
      speed.set(labels, Number(row.speed ?? 0))
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

function nameOf(host: string, source: string): string {
  return JSON.stringify([host, source])
}
