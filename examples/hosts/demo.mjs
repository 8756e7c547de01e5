import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { startClients } from '../back-office/ftp-clients.mjs'
import { tellFtpLogins, tellPanelLogins, tellTable } from '../back-office/tell.mjs'
import { newestBinaries } from '../servers/postgres.mjs'
import { database, makeSessionTable } from './database.mjs'
import { finished, Part } from './part.mjs'
import { backOffice, bundler, ftpHost, proxyBefore } from './parts.mjs'

/**
 * Runs until it is told to end, and then ends all that it has started.
 *
 * @param {string} directory for all files of it
 * @param {AbortController} ending
 * @throws where it can't start; AbortError where it was told to end before
 */
export async function runDemo(directory, ending) {
  const { signal } = ending
  signal.throwIfAborted()
  expectPrograms()
  const ended = once(signal, 'abort')
  /** What is to be stopped, in the order in which it was started. */
  const running = []
  const start = async (what) => {
    const part = new Part(what)
    running.push(part)
    await part.start(directory, signal)
    return part
  }
  const starting = startAll(directory, start)
  try {
    await Promise.race([starting, ended])
    if (!signal.aborted) {
      const { parts, ports } = await starting
      running.push(...ports.map(startClients))
      tell(parts, directory)
      void startAgain(parts, directory, signal)
      await ended
    }
  } finally {
    // What is on its way begins nothing any more, and has come to its end before its files go.
    ending.abort()
    for (const each of running.reverse()) await each.stop()
    await starting.catch(() => {})
  }
}

function expectPrograms() {
  if (process.getuid?.() !== 0) throw new Error('ProFTPD is started as root only.')
  const missing = Object.entries({
    postgresql: newestBinaries() !== null,
    'proftpd-core': runs('proftpd', '-v'),
    'nginx-light': runs('nginx', '-v'),
    openssl: runs('openssl', 'version'),
    'util-linux': runs('setpriv', '--version'),
  }).flatMap(([name, there]) => (there ? [] : [name]))
  if (missing.length === 0) return
  throw new Error(`${missing.join(', ')} not installed. On Debian: apt-get install ${missing.join(' ')}`)
}

function runs(program, argument) {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function startAll(directory, start) {
  const { url, make, serve } = await database(directory)
  const hosts = await all(['ftp1', 'ftp2'].map((name) => ftpHost(name, directory, url)))
  const offices = await all(['office1', 'office2'].map((name) => backOffice(name, url)))
  const proxy = await proxyBefore(offices, directory)

  const startPostgres = async () => {
    await start(make)
    const postgres = await start(serve)
    await makeSessionTable(url)
    return postgres
  }
  const bundled = process.env.ADMIN_JS_SKIP_BUNDLE === 'true'
  const [postgres, servers] = await all([
    startPostgres(),
    all(hosts.map(({ server }) => start(server))),
    bundled || start({ ...bundler(), ready: finished }),
  ])
  const others = await all([...hosts.map(({ collector }) => collector), ...offices].map(start))
  const parts = [postgres, ...servers, ...others, await start(proxy)]
  return { parts, ports: hosts.map(({ port }) => port) }
}

/** As Promise.all, but not before all of them have come to an end. */
async function all(promises) {
  const settled = await Promise.allSettled(promises)
  const failed = settled.find(({ status }) => status === 'rejected')
  if (failed) throw failed.reason
  return settled.map(({ value }) => value)
}

function tell(parts, directory) {
  const [proxy, ...others] = [...parts].reverse().map((part) => part.row)
  console.log(`\nThe back office is at ${proxy[1]}: a proxy, before two that share all\n`)
  tellPanelLogins()
  console.log('\nBy FTP, at both hosts\n')
  tellFtpLogins()
  console.log()
  tellTable([['part', 'where', 'ends it', 'kills it'], proxy, ...others.reverse()])
  console.log(`\nType the name of a part that has ended and Enter: it starts again.`)
  console.log(`Files, and what each prints (as office1.log): ${directory}`)
  console.log('Ctrl-C ends it all.')
}

/** Whose name is typed is started again. */
async function startAgain(parts, directory, signal) {
  for await (const line of createInterface({ input: process.stdin })) {
    const name = line.trim()
    if (name === '' || signal.aborted) continue
    const part = parts.find((each) => each.name === name)
    if (!part) console.log(`There is no part ${JSON.stringify(name)}: ${parts.map((each) => each.name).join(', ')}.`)
    else if (part.runs) console.log(`${name} runs.`)
    else
      await part.start(directory, signal).then(
        () => tellTable([part.row]),
        (error) => console.log(`${name} could not start: ${error.message}`),
      )
  }
}
