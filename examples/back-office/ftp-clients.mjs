// Three FTP clients that keep the page alive: one idles, one uploads, one downloads, for as long as the example runs.
import { Readable, Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'basic-ftp'
import { ftpAccounts } from './accounts.mjs'

// Real clients come back as well when they have been ended; a killed lftp did after 12 s.
const COMES_BACK_AFTER = 15_000

export function startClients(port) {
  const ending = new AbortController()
  const [shop, camera] = ftpAccounts
  const clients = Promise.all([
    keepDoing(shop, port, ending.signal, idle),
    keepDoing(camera, port, ending.signal, upload),
    keepDoing({ login: 'anonymous', password: 'guest@example.com' }, port, ending.signal, download),
  ])
  return {
    stop() {
      ending.abort()
      return clients
    },
  }
}

async function keepDoing({ login, password }, port, signal, act) {
  while (!signal.aborted) {
    const client = new Client(0)
    const close = () => client.close()
    signal.addEventListener('abort', close)
    try {
      await client.access({ host: '127.0.0.1', port, user: login, password })
      await act(client)
    } catch {
      // Ended, which is what it is here for.
    }
    signal.removeEventListener('abort', close)
    client.close()
    await delay(COMES_BACK_AFTER, null, { signal }).catch(() => {})
  }
}

async function idle(client) {
  await client.cd('/htdocs')
  // A task that expects no answer: it fails when the connection ends.
  await client.ftp.handle(undefined, (answer, task) => answer instanceof Error && task.reject(answer))
}

async function upload(client) {
  await client.uploadFrom(Readable.from(footage()), '2026-11-23 entrance.mp4')
}

async function download(client) {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  await client.downloadTo(nowhere, 'manual.pdf')
}

async function* footage() {
  for (let piece = 0; piece < 2000; piece++) {
    yield Buffer.alloc(2 ** 15)
    await delay(500)
  }
}
