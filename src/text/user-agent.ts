import Bowser from 'bowser'

/**
 * What a user agent says of itself, for instance `{ browser: 'Firefox 143', system: 'Windows' }`; null if it says nothing
 * known. This is a label, not a proof: a client can call itself anything, so its own text belongs beside it.
 */
export interface UserAgent {
  browser: string | null
  system: string | null
}

/** Real user agents are shorter. What comes after it is not parsed. */
const longest = 512

/** How many results are cached: every open list asks for its page every few seconds. */
const mostRemembered = 1000

const remembered = new Map<string, UserAgent>()

/**
 * Reads a user agent, in bounded time and memory whatever the client has sent. The result holds nothing but names that
 * bowser knows, and letters and digits of ASCII.
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

/** The browsers that bowser knows. For any other it gives whatever stands before the last slash. */
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
  // A program, such as `curl/8.5.0`. Almost every browser begins with Mozilla/5.0, for historical reasons:
  // https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/User-Agent
  const product = /^(?!Mozilla\/)([\w.+-]{1,40})\/(\d[\w.]{0,15})/.exec(agent)
  return product && `${product[1]} ${product[2]}`
}

function systemOf(agent: string): string | null {
  return (agent !== '' && Bowser.getParser(agent, true).getOS().name) || null
}
