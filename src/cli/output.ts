import { sessionFields, type Field, type SessionKind } from '../session-fields.js'
import { duration, size } from '../text/format.js'
import { visible } from '../text/printable.js'
import type { ProbeResult } from './read-source.js'
import { tableOf } from './table.js'

type Session = Record<string, unknown>

/** What is called otherwise than its field, or shown otherwise than what it holds. */
const titles: Record<string, string> = {
  loggedInAt: 'LOGGED IN',
  connectedAt: 'CONNECTED',
  lastActiveAt: 'IDLE',
  expiresAt: 'EXPIRES',
  transferredBytes: 'MOVED',
  totalBytes: 'OF',
  fileName: 'FILE',
}

interface Column {
  title: string
  show(session: Session, now: number): string
}

/** A column of each field that a source can fill in. */
function columnsOf(kind: SessionKind): Column[] {
  const fields = Object.entries<Field>(sessionFields[kind]).filter(([, { derived }]) => !derived)
  return fields.map(([name, field]) => ({
    title: titles[name] ?? name.replace(/[A-Z]/g, ' $&').toUpperCase(),
    show: (session, now) => {
      const value = session[name]
      // What is as usual needs no word.
      if (value == null || value === field.usually) return ''
      if (value instanceof Date) return value.getTime() > now ? value.toISOString() : duration(now - value.getTime())
      return field.is === 'bytes' && typeof value === 'number' ? size(value, 'en') : String(value)
    },
  }))
}

/** A reading as lines of text. Whatever comes from outside is made visible. */
export function asLines(reading: ProbeResult): string[] {
  const { source, at, sessions, error, warnings, missingRights, unread } = reading
  const count = sessions && (sessions.length === 1 ? '1 session' : `${sessions.length} sessions`)
  const evidence = source.evidence === 'log' ? ', from its log' : ''
  return [
    `${source.name} (${source.kind}${evidence}): ${count ?? 'could not be read'}, at ${at.toISOString()}`,
    ...(error === null ? [] : [error]),
    ...(sessions?.length ? sessionsTable(sessions as unknown as Session[], source.kind, at.getTime()) : []),
    ...warnings.map((warning) => `Not shown in full: ${warning}`),
    ...(source.endsBy === undefined ? [] : [`How it ends a session: ${source.endsBy}`]),
    ...missingRights.map((right) => `Not allowed: ${right}`),
    ...(unread?.lines
      ? [`Of ${unread.of} lines of the log ${unread.lines} were not understood, like these:`, ...unread.samples]
      : []),
  ].map((line) => visible(line))
}

function sessionsTable(sessions: Session[], kind: SessionKind, now: number): string[] {
  const columns = columnsOf(kind).map(({ title, show }) => ({
    title,
    cells: sessions.map((session) => show(session, now)),
  }))
  const [used, unused] = [true, false].map((wanted) =>
    columns.filter(({ cells }) => cells.some((text) => text !== '') === wanted),
  )
  const lines = tableOf(
    used!.map(({ title }) => title),
    sessions.map((_, row) => used!.map(({ cells }) => cells[row]!)),
  )
  const unknown = unused!.filter(({ title }) => title !== 'CONDITION').map(({ title }) => title.toLowerCase())
  return unknown.length === 0 ? lines : [...lines, `Not told of any just now: ${unknown.join(', ')}`]
}
