import { RemovalRefused } from 'adminjs-sessions/source'

/**
 * An adapter for otherd, which has an HTTP API. Copy it, and change what is otherd's own.
 *
 * `GET /sessions` answers with JSON and wants a key, `DELETE /sessions/{id}` ends a session. The ids are UUIDs, so they
 * may be keys as they are. It tells the bytes of a transfer, but no size and no directory: those are null.
 *
 * @param {{ url: string, apiKey: string }} options where it answers, and a key of its own
 * @returns {import('adminjs-sessions/source').FtpSource}
 */
export function otherd({ url, apiKey }) {
  async function ask(method, path, signal) {
    let answer
    try {
      // Not across a redirect: the key would go along to a stranger.
      answer = await fetch(new URL(path, url), { method, signal, redirect: 'error', headers: { 'x-api-key': apiKey } })
    } catch (error) {
      signal.throwIfAborted()
      throw new Error(`otherd cannot be reached at ${url}: ${error.cause?.code ?? error.message}. Is it running?`, {
        cause: error,
      })
    }
    if (answer.status === 401) throw new Error(`otherd does not accept the key: set apiKey to one of its own.`)
    if (!answer.ok && answer.status !== 404 && answer.status !== 403) {
      throw new Error(`otherd answered HTTP ${answer.status} to ${method} ${path}: see its log.`)
    }
    return answer
  }

  async function list(signal) {
    const answer = await ask('GET', 'sessions', signal)
    if (!answer.ok)
      throw new Error(`otherd answered HTTP ${answer.status}: url must be its address, and the key may read sessions.`)
    const sessions = await boundedJson(answer)
    if (!Array.isArray(sessions))
      throw new Error('otherd gave no list of sessions: has this version changed its format?')
    return sessions.map(toSession)
  }

  return {
    name: 'otherd',
    kind: 'ftp',
    evidence: 'live',
    list,

    async end(session, signal) {
      const now = (await list(signal)).find(({ key }) => key === session.key)
      if (!now) return 'already-gone'
      if (now.login !== session.login) {
        throw new RemovalRefused(`Session ${now.key} is not ${session.login}'s any more.`)
      }
      const { status } = await ask('DELETE', `sessions/${encodeURIComponent(session.key)}`, signal)
      if (status === 403)
        throw new RemovalRefused('otherd does not let this key end sessions: give it the right "kick".')
      return status === 404 ? 'already-gone' : 'asked'
    },
  }
}

function toSession({ id, user, address, connected, active, transfer }) {
  if (typeof id !== 'string' || !/^[\w-]{1,191}$/.test(id)) {
    throw new Error(`otherd lists a session whose id is ${JSON.stringify(id)}: has this version changed its format?`)
  }
  return {
    key: id,
    login: user ?? null,
    ip: address ?? null,
    status: user == null ? 'authenticating' : transfer ? (transfer.up ? 'uploading' : 'downloading') : 'idle',
    fileName: transfer?.path ?? null,
    transferredBytes: transfer?.bytes ?? null,
    totalBytes: null,
    location: null,
    connectedAt: new Date(connected),
    lastActiveAt: new Date(active),
    protocol: null,
  }
}

/** At most 16 MiB: a server that never stops answering must not fill the memory of the back office. */
async function boundedJson(answer) {
  const chunks = []
  let length = 0
  for await (const chunk of answer.body) {
    length += chunk.length
    if (length > 16 << 20) throw new Error('otherd answered with more than 16 MiB, which cannot be meant.')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString()
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`otherd answered with ${JSON.stringify(text.slice(0, 60))}, where JSON was expected: is it otherd?`)
  }
}
