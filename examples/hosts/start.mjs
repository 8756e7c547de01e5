// `npm run demo:hosts`: two FTP hosts, two back offices and a proxy before them, over one PostgreSQL. docs/hosts.md walks
// through it. Whatever is started or made here is gone when this has ended.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// First of all: whoever ends this while it starts leaves nothing behind either. SIGHUP comes when the terminal is closed,
// and then nothing can be said any more.
const ending = new AbortController()
let endedBy
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endedBy ??= signal
    ending.abort()
  })
}
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const directory = mkdtempSync(join(tmpdir(), 'adminjs-sessions-demo-'))
// FTP users must be able to enter their homes below it.
chmodSync(directory, 0o711)
process.env.EXAMPLE_DATA = join(directory, 'offices')
try {
  const { runDemo } = await import('./demo.mjs')
  await runDemo(directory, ending)
} catch (error) {
  if (error.name !== 'AbortError') {
    console.error(`The demo could not start: ${error.message}`)
    process.exitCode = 1
  }
} finally {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}
// As a program ends that does not know of it: at an exit of its own, Node 20 fails where its terminal is gone.
if (endedBy === 'SIGHUP') process.removeAllListeners('SIGHUP').kill(process.pid, 'SIGHUP')
process.exit()
