// Open pages of the list of FTP sessions: they ask as src/components/shared/use-live.ts does, each with a session of
// its own.
import { setTimeout as sleep } from 'node:timers/promises'
import { measured } from './measured.mjs'
import { watched } from './sessions.mjs'

const { origin, pages } = JSON.parse(process.argv[2])
/** ms, as there. */
const shortest = 400
const timeLimit = 30_000

const latest = 'sortBy=connectedAt&direction=desc'
/** What ten pages in turn show: two have a filter, as it is typed and exact, one shows page 3. */
const queries = [
  `${latest}&filters.login=${watched}`,
  `${latest}&filters.login=%3D${watched}`,
  `${latest}&page=3`,
  ...Array.from({ length: 7 }, () => latest),
]

let since = Infinity
const answers = { asked: [], opened: [], delays: [], shown: new Set(), failed: 0 }

async function login(name) {
  const body = new URLSearchParams({ email: `${name}@example.com`, password: 'any' })
  const response = await fetch(`${origin}/admin/login`, { method: 'POST', body, redirect: 'manual' })
  const cookie = response.headers.get('set-cookie')?.split(';')[0]
  if (cookie === undefined) throw new Error(`The login answered ${response.status} without a cookie.`)
  return cookie
}

async function list(cookie, query) {
  const response = await fetch(`${origin}/admin/api/resources/FtpSession/actions/list?${query}`, {
    headers: { cookie, accept: 'application/json', 'x-adminjs-sessions-poll': '1' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeLimit),
  })
  const answer = await response.json()
  if (answer.unchanged === undefined && answer.sessions === undefined) throw new Error(JSON.stringify(answer.notice))
  return answer
}

/** A page that stays open. */
async function page(query, cookie) {
  const seen = new Set()
  let known = ''
  let revision = null
  for (;;) {
    const began = Date.now()
    try {
      const answer = await list(cookie, `${query}&known=${known}${revision === null ? '' : `&since=${revision}`}`)
      if (began >= since) answers.asked.push(Date.now() - began)
      revision = (answer.sessions ?? answer).revision
      known = answer.sessions?.tag ?? known
      for (const { params } of answer.records ?? []) {
        const openedAt = Date.parse(params.connectedAt)
        if (params.login !== watched || seen.has(params.key) || openedAt < since) continue
        seen.add(params.key)
        answers.shown.add(params.key)
        answers.delays.push(Date.now() - openedAt)
      }
    } catch {
      answers.failed++
      revision = null
    }
    await sleep(revision === null ? 3000 : shortest)
  }
}

/** Somebody who opens the list anew, again and again: his question waits for nothing. */
async function opens(cookie) {
  for (;;) {
    const began = Date.now()
    await list(cookie, latest).catch(() => answers.failed++)
    if (began >= since) answers.opened.push(Date.now() - began)
    await sleep(250)
  }
}

const cookies = []
for (let i = 0; i <= pages; i++) cookies.push(await login(`admin${i}`))
void opens(cookies.pop())
cookies.forEach((cookie, i) => void page(queries[i % queries.length], cookie))
measured({
  begin: () => (since = Date.now()),
  end: () => ({ ...answers, shown: answers.shown.size }),
})
