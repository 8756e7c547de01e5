import Bowser from 'bowser'

/**
 * What a user agent says of itself, for instance `{ browser: 'Firefox 143', system: 'Windows' }`; null where it says
 * nothing known. It is a label, no detection: an agent can call itself what it likes, so its own text belongs beside it.
 */
export interface UserAgent {
  browser: string | null
  system: string | null
}

/** Real ones stay below it; what is behind it is not looked at. */
const longest = 512

/** How many readings are remembered: a page of a list is asked for every few seconds, by everybody who has it open. */
const mostRemembered = 1000

const remembered = new Map<string, UserAgent>()

/**
 * Reads a user agent. Whatever a client sends takes a bounded time and memory, and the answer holds names that bowser
 * knows, digits, and letters of ASCII: nothing of it needs escaping.
 */
export function readUserAgent(text: string): UserAgent {
  const agent = text.slice(0, longest)
  const known = remembered.get(agent)
  if (known) return known
  if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value!)
  const read = { browser: browserOf(agent), system: systemOf(agent) }
  remembered.set(agent, read)
  return read
}

/** Those that bowser knows. Of any other it makes a name of whatever stands before the last slash. */
const browsers = new Set(Object.values(Bowser.BROWSER_MAP))

/** The names that people use, where bowser has longer ones. */
const shorter: Record<string, string> = {
  'Microsoft Edge': 'Edge',
  'Samsung Internet for Android': 'Samsung Internet',
}

function browserOf(agent: string): string | null {
  if (agent === '') return null
  const { name, version } = Bowser.getParser(agent, true).getBrowser()
  if (name && browsers.has(name))
    return [shorter[name] ?? name, /^\d{1,6}/.exec(version ?? '')?.[0]].filter(Boolean).join(' ')
  // A program: `curl/8.5.0`. Browsers call themselves Mozilla for the sake of servers of 1995.
  const product = /^(?!Mozilla\/)([\w.+-]{1,40})\/(\d[\w.]{0,15})/.exec(agent)
  return product && `${product[1]} ${product[2]}`
}

function systemOf(agent: string): string | null {
  return (agent !== '' && Bowser.getParser(agent, true).getOS().name) || null
}
