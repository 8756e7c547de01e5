import { writeFileSync } from 'node:fs'

/** A login that nobody should take for a part of a sentence. */
export const twin = '<b>$t(noOne)</b> {{ip}}\u202e'

/**
 * Writes the log of a server that does not number its sessions: two of that login from one address, and two from there
 * that have not logged on. None of them is to be told from its twin, and none is ended.
 *
 * @returns options of `logServer` by which they are read
 */
export function logOfTwins(log) {
  const [connect, login] = ['connect 192.0.2.1', `login 192.0.2.1 ${twin}`]
  const lines = [connect, login, connect, login, connect, connect]
  writeFileSync(log, lines.map((line) => `${new Date().toISOString()} ${line}\n`).join(''))
  const grammar = {
    line: /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>[\d.]+)Z /,
    events: [
      { event: 'connected', pattern: /^connect (?<ip>\S+)$/ },
      { event: 'logged-in', pattern: /^login (?<ip>\S+) (?<login>.+)$/ },
    ],
  }
  return { name: 'twins', log, grammar, timeZone: 'UTC', end: async () => 'asked' }
}
