/** What a vsftpd process says of itself, with `setproctitle_enable=YES`. */
export type Title =
  | { is: 'listener' }
  /** The parent of a session's other processes; it lasts as long as the session. */
  | { is: 'connected'; ip: string }
  | { is: 'not-logged-in'; ip: string }
  | { is: 'ssl-handler'; ip: string }
  | { is: 'session'; ip: string; login: string; command: string | null; argument: string }
  /** It has a title, and that says none of these: it was cut off, or another vsftpd has other titles. */
  | { is: 'unreadable' }
  | { is: 'untitled' }

/**
 * Reads the title of a vsftpd process: `vsftpd: LISTENER`, `vsftpd: IP: connected`, `vsftpd: IP: not logged in`,
 * `vsftpd: IP: SSL handler`, `vsftpd: IP/LOGIN: IDLE` or `vsftpd: IP/LOGIN: COMMAND ARGUMENT`. All but printable ASCII
 * has become `?`. vsftpd writes it over its arguments and environment and cuts off what does not fit.
 *
 * Before the first `: ` of capitals is the login: neither a file nor a command can pass for one.
 */
export function readTitle(title: string): Title {
  if (!title.startsWith('vsftpd: ')) return { is: 'untitled' }
  const text = title.slice('vsftpd: '.length)
  if (text === 'LISTENER') return { is: 'listener' }
  const [, ip, state] = /^([0-9a-fA-F.:]+): (connected|not logged in|SSL handler)$/.exec(text) ?? []
  if (ip) return { is: STATES[state as keyof typeof STATES], ip }
  const [, from, login, command, argument] = SESSION.exec(text) ?? []
  if (!from) return { is: 'unreadable' }
  return {
    is: 'session',
    ip: from,
    login: login!,
    command: command === 'IDLE' ? null : command!,
    argument: argument ?? '',
  }
}

const STATES = { connected: 'connected', 'not logged in': 'not-logged-in', 'SSL handler': 'ssl-handler' } as const
const SESSION = /^([0-9a-fA-F.:]+)\/(.+?): ([A-Z]{3,4}|IDLE)(?: (.*))?$/
