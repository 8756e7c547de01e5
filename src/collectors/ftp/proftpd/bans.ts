import { type Hold, KeepOutFailed, type Notes } from '../../../session-source.js'
import { runProgram } from '../os/run-program.js'

/** Where ftpdctl is, and which ProFTPD it speaks to. */
export interface Controls {
  ftpdctl: string
  socket?: string
}

/** One ban, as ftpdctl's words for it: `user alice`, `host 192.0.2.7`. */
type Ban = string

/**
 * Makes mod_ban keep out exactly whom `holds` name, as far as it is ours: bans that somebody else made stay as they are.
 *
 * A ban has no end of its own, so `notes` remember which are ours until they have been lifted. mod_ban cuts every
 * session of that login or address at once. ftpdctl exits with 0 whatever comes of it, so the bans are read again at the end.
 *
 * @throws KeepOutFailed where ProFTPD does not obey, or a name cannot be said to it; Error where ftpdctl cannot be run or
 *   used at all: with what to do
 * @see http://www.proftpd.org/docs/contrib/mod_ban.html
 */
export async function applyBans(holds: Hold[], notes: Notes, controls: Controls, signal: AbortSignal): Promise<void> {
  const ask = (...words: string[]) => control(controls, words, signal)
  const wanted = new Set(holds.filter(({ by, until }) => by !== 'session' && until > new Date()).map(banFor))
  const before = readBans(await ask('ban', 'info'))

  for (const [ban, note] of await notes.all()) {
    if (!note || !isBan(ban) || wanted.has(ban)) continue
    if (before.has(ban)) await ask('permit', ...split(ban))
    await notes.set(ban, null, new Date())
  }
  const unsayable: Ban[] = []
  for (const ban of wanted) {
    if (before.has(ban)) continue
    if (!isSayable(ban)) {
      unsayable.push(ban)
      continue
    }
    // Noted first: a ban that nobody remembers would stay for ever.
    await notes.set(ban, true, new Date(Date.now() + TEN_YEARS))
    await ask('ban', ...split(ban))
  }
  const settled = [...wanted].every((ban) => before.has(ban))
  const after = settled ? before : readBans(await ask('ban', 'info'))
  const missing = [...wanted].filter((ban) => !after.has(ban))
  if (missing.length === 0) return
  const why = unsayable.length
    ? ' A name with other characters than ASCII cannot be said to ftpdctl, nor * or a leading -.'
    : ''
  throw new KeepOutFailed(
    `mod_ban does not keep out: ${missing.join(', ')}.${why}`,
    holds.filter((hold) => missing.includes(banFor(hold))),
  )
}

const TEN_YEARS = 10 * 365 * 86_400_000

function banFor({ by, value }: Hold): Ban {
  return `${by === 'ip' ? 'host' : 'user'} ${value}`
}

function isBan(key: string): boolean {
  return key.startsWith('user ') || key.startsWith('host ')
}

function split(ban: Ban): [string, string] {
  const space = ban.indexOf(' ')
  return [ban.slice(0, space), ban.slice(space + 1)]
}

/** ftpdctl takes a leading `-` for an option, and `permit user *` would lift everybody's bans. */
function isSayable(ban: Ban): boolean {
  const [, name] = split(ban)
  return name !== '*' && /^[!-,.-~]([ -~]*[!-~])?$/.test(name)
}

/** What `ftpdctl ban info` prints: a heading, and a name on each line below it. */
function readBans(said: string): Set<Ban> {
  const bans = new Set<Ban>()
  let kind = ''
  for (const line of said.split('\n')) {
    const text = line.replace(/^ftpdctl: ?/, '')
    if (/^Banned \w+:/.test(text)) kind = { Users: 'user', Hosts: 'host' }[text.slice(7, -1)] ?? ''
    else if (kind && text.startsWith('  ')) bans.add(`${kind} ${text.slice(2)}`)
  }
  return bans
}

async function control({ ftpdctl, socket }: Controls, words: string[], signal: AbortSignal): Promise<string> {
  const answer = await runProgram(ftpdctl, [...(socket ? ['-s', socket] : []), ...words], signal).catch(
    (error: Error) => {
      signal.throwIfAborted()
      throw new Error(`${error.message} Give the path of ftpdctl as the option \`controls.ftpdctl\`.`, { cause: error })
    },
  )
  const said = `${answer.stdout}${answer.stderr}`.trim()
  const problem = `${ftpdctl} ${words.join(' ')} answered: ${said}`
  if (/access denied/.test(said)) {
    throw new Error(
      `${problem}. Let uid ${process.getuid?.()} use ban and permit: ControlsSocketACL and BanControlsACLs in proftpd.conf.`,
    )
  }
  if (answer.code !== 0) {
    throw new Error(
      `${problem}. Set ControlsEngine on, and give the path of ControlsSocket as the option \`controls.socket\`.`,
    )
  }
  if (/unsupported action|BanEngine|not enabled/i.test(said)) {
    throw new Error(`${problem}. Load mod_ban and set BanEngine on and BanTable in proftpd.conf.`)
  }
  return said
}
