import { setTimeout as sleep } from 'node:timers/promises'
import type { Repository } from 'typeorm'
import { complaint } from '../text/complaint.js'
import { messageOf } from '../text/error-message.js'
import type { Database } from './open-database.js'
import type { FtpSessionRow, TrafficRow } from './rows.js'

/** A point is of one minute, in ms. */
const minute = 60_000

/**
 * Writes once a minute how many sessions each of these FTP sources has and how fast they move files, until the signal. Of a
 * source that can't be read just then there is no point: a gap, and not a zero.
 */
export async function recordTraffic(
  database: Pick<Database, 'ftpSessions' | 'sourceStatuses' | 'traffic' | 'changes'>,
  sources: readonly Pick<TrafficRow, 'host' | 'source'>[],
  report: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { say, well } = complaint(report, signal)
  while (!signal.aborted) {
    await sleep(minute - (Date.now() % minute), undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return
    try {
      await recordNow(database, sources, new Date(Math.floor(Date.now() / minute) * minute))
      well()
    } catch (error) {
      say(`the traffic of the last minute could not be written: ${messageOf(error)}`)
    }
  }
}

/** The points of one minute. One that another process has written stays as it is. */
export async function recordNow(
  {
    ftpSessions,
    sourceStatuses,
    traffic,
    changes,
  }: Pick<Database, 'ftpSessions' | 'sourceStatuses' | 'traffic' | 'changes'>,
  sources: readonly Pick<TrafficRow, 'host' | 'source'>[],
  at: Date,
): Promise<void> {
  const points = []
  for (const { host, source } of sources) {
    const status = await sourceStatuses.findOneBy({ host, name: source })
    if (status?.state === 'ok') points.push({ host, source, at, ...(await speedsOf(ftpSessions, { host, source })) })
  }
  if (points.length === 0) return
  await traffic.createQueryBuilder().insert().values(points).orIgnore().updateEntity(false).execute()
  changes.changed('traffic')
}

async function speedsOf(
  ftpSessions: Repository<FtpSessionRow>,
  whose: Pick<TrafficRow, 'host' | 'source'>,
): Promise<Pick<TrafficRow, 'sessions' | 'transfers' | 'up' | 'down'>> {
  const found: { status: string | null; count: string | number; speed: string | number | null }[] = await ftpSessions
    .createQueryBuilder('session')
    .select('session.status', 'status')
    .addSelect('COUNT(*)', 'count')
    .addSelect('SUM(session.bytesPerSecond)', 'speed')
    .where(whose)
    .groupBy('session.status')
    .getRawMany()
  const of = (status: string) => found.find((one) => one.status === status)
  const speedOf = (status: string) => {
    // Nobody moves anything: that is known, and nothing.
    const one = of(status)
    return one === undefined ? 0 : one.speed === null ? null : Number(one.speed)
  }
  return {
    sessions: found.reduce((sum, { count }) => sum + Number(count), 0),
    transfers: Number(of('uploading')?.count ?? 0) + Number(of('downloading')?.count ?? 0),
    up: speedOf('uploading'),
    down: speedOf('downloading'),
  }
}

/** What went through at a moment, of all sources together. */
export interface TrafficPoint {
  at: string
  up: number | null
  down: number | null
  sessions: number
}

/** The points since then, of all sources together, in steps of so many minutes: of each step its mean. */
export async function trafficSince(
  traffic: Repository<TrafficRow>,
  since: Date,
  stepMinutes: number,
): Promise<TrafficPoint[]> {
  const rows: { at: string | Date; up: unknown; down: unknown; sessions: unknown }[] = await traffic
    .createQueryBuilder('point')
    .select('point.at', 'at')
    .addSelect('SUM(point.up)', 'up')
    .addSelect('SUM(point.down)', 'down')
    .addSelect('SUM(point.sessions)', 'sessions')
    .where('point.at >= :since', { since })
    .groupBy('point.at')
    .orderBy('point.at')
    .getRawMany()
  const steps = new Map<number, { up: number[]; down: number[]; sessions: number[] }>()
  for (const { at, up, down, sessions } of rows) {
    // SQLite gives the text that it has, which is UTC.
    const ms = at instanceof Date ? at.getTime() : Date.parse(`${at.replace(' ', 'T')}Z`)
    const begins = Math.floor(ms / (stepMinutes * minute)) * stepMinutes * minute
    const step = steps.get(begins) ?? { up: [], down: [], sessions: [] }
    steps.set(begins, step)
    if (up !== null) step.up.push(Number(up))
    if (down !== null) step.down.push(Number(down))
    step.sessions.push(Number(sessions))
  }
  return [...steps].map(([begins, { up, down, sessions }]) => ({
    at: new Date(begins).toISOString(),
    up: meanOf(up),
    down: meanOf(down),
    sessions: meanOf(sessions) ?? 0,
  }))
}

function meanOf(values: number[]): number | null {
  return values.length === 0 ? null : Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)
}
