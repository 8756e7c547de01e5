import type { ListedFtpSession, ListedPanelSession, SessionKind } from '../session-source.js'
import { duration, size } from '../text/format.js'
import { visible } from '../text/printable.js'
import type { Look } from './look.js'

type Session = ListedFtpSession & ListedPanelSession
type Column = [title: string, show: (session: Session, now: number) => string | null | undefined]

const since = (time: Date | null | undefined, now: number) => time && duration(now - time.getTime())
const bytes = (count: number | null | undefined) => (typeof count === 'number' ? size(count, 'en') : null)

const columns: Record<SessionKind, Column[]> = {
  ftp: [
    ['LOGIN', ({ login }) => login],
    ['TYPE', ({ type }) => type],
    ['STATUS', ({ status }) => status],
    ['CONDITION', ({ condition }) => (condition === 'normal' ? null : condition)],
    ['DOMAIN', ({ domain }) => domain],
    ['IP', ({ ip }) => ip],
    ['PROTOCOL', ({ protocol }) => protocol],
    ['CONNECTED', ({ connectedAt }, now) => since(connectedAt, now)],
    ['IDLE', ({ lastActiveAt }, now) => since(lastActiveAt, now)],
    ['MOVED', ({ transferredBytes }) => bytes(transferredBytes)],
    ['OF', ({ totalBytes }) => bytes(totalBytes)],
    ['FILE', ({ fileName }) => fileName],
    ['LOCATION', ({ location }) => location],
    ['COMMAND', ({ command }) => command],
  ],
  panel: [
    ['LOGIN', ({ login }) => login],
    ['TYPE', ({ type }) => type],
    ['IP', ({ ip }) => ip],
    ['LOGON IP', ({ logonIp }) => logonIp],
    ['LOGGED IN', ({ loggedInAt }, now) => since(loggedInAt, now)],
    ['IDLE', ({ lastActiveAt }, now) => since(lastActiveAt, now)],
    ['EXPIRES', ({ expiresAt }) => expiresAt?.toISOString()],
    ['USER AGENT', ({ userAgent }) => userAgent],
  ],
}

/** The longest that a cell becomes, in characters. */
const longestCell = 40

/** A look as lines of text. Whatever comes from outside is made visible. */
export function asLines(look: Look): string[] {
  const { source, at, sessions, error, missingRights, unread } = look
  const count = sessions && (sessions.length === 1 ? '1 session' : `${sessions.length} sessions`)
  const evidence = source.evidence === 'log' ? ', from its log' : ''
  return [
    `${source.name} (${source.kind}${evidence}): ${count ?? 'could not be read'}, at ${at.toISOString()}`,
    ...(error === null ? [] : [error]),
    ...(sessions?.length ? tableOf(sessions as Session[], source.kind, at.getTime()) : []),
    ...(source.endsBy === undefined ? [] : [`How it ends a session: ${source.endsBy}`]),
    ...missingRights.map((right) => `Not allowed: ${right}`),
    ...(unread?.lines
      ? [`Of ${unread.of} lines of the log ${unread.lines} were not understood, like these:`, ...unread.samples]
      : []),
  ].map((line) => visible(line))
}

function tableOf(sessions: Session[], kind: SessionKind, now: number): string[] {
  const rows = sessions.map((session) => columns[kind].map(([, show]) => cell(show(session, now))))
  const used = columns[kind].map((_, at) => rows.some((row) => row[at] !== ''))
  const table = [columns[kind].map(([title]) => title), ...rows].map((row) => row.filter((_, at) => used[at]))
  const widths = table[0]!.map((_, at) => Math.max(...table.map((row) => length(row[at]!))))
  const lines = table.map((row) =>
    row
      .map((text, at) => text + ' '.repeat(widths[at]! - length(text)))
      .join('  ')
      .trimEnd(),
  )
  const unknown = columns[kind]
    .filter(([title], at) => !used[at] && title !== 'CONDITION')
    .map(([title]) => title.toLowerCase())
  return unknown.length === 0 ? lines : [...lines, `Not told of any just now: ${unknown.join(', ')}`]
}

function cell(value: string | null | undefined): string {
  const text = [...visible(value ?? '')]
  return text.length > longestCell ? `${text.slice(0, longestCell - 1).join('')}…` : text.join('')
}

function length(text: string): number {
  return [...text].length
}
