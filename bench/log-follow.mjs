// A log of 1 GB, read cold and whole: how fast, in how much memory, and how long the event loop waits. In a file of its own.
import { once } from 'node:events'
import { appendFileSync, closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { iisFtp } from '../dist/collectors/ftp/iis/iis-ftp.js'
import { servU } from '../dist/collectors/ftp/serv-u/serv-u.js'
import { finish, longestGap, say } from './report.mjs'

const directory = mkdtempSync(join(tmpdir(), 'bench-log-'))
const { signal } = new AbortController()
const GB = 1e9
const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
const two = (n) => String(n).padStart(2, '0')

/** Blocks of sessions that come and go, as a log has them, until there are as many bytes. */
function writeLog(name, beginning, block, bytes) {
  const path = join(directory, name)
  const file = openSync(path, 'w')
  let written = writeSync(file, beginning)
  for (let first = 0; written < bytes; first += 2000) {
    let text = ''
    for (let i = first; i < first + 2000; i++) text += block(i)
    written += writeSync(file, text)
  }
  closeSync(file)
  return { path, bytes: written }
}

const servULog = (i) => {
  const time = `[02] Tue 03Nov26 ${two(Math.floor(i / 180_000) % 24)}:${two(Math.floor(i / 3000) % 60)}:${two(Math.floor(i / 50) % 60)} - (${String(i).padStart(6, '0')})`
  return [
    `${time} Connected to 192.0.2.${i % 250} (local address 198.51.100.1, port 21)`,
    `${time} User "user${i % 997}" logged in`,
    `${time} Receiving file "C:\\FTP\\user${i % 997}\\incoming\\report ${i}.pdf"`,
    `${time} Received file "C:\\FTP\\user${i % 997}\\incoming\\report ${i}.pdf" successfully (1.2 MB/sec - 1234567 bytes)`,
    `${time} Closed session\r\n`,
  ].join('\r\n')
}

const iisLog = (i) => {
  const id = `5242ddb2-95f5-43b1-b19d-${String(i).padStart(12, '0')}`
  const line = (user, method, stem, status, path) =>
    `${day} ${two(Math.floor(i / 180_000) % 24)}:${two(Math.floor(i / 3000) % 60)}:${two(Math.floor(i / 50) % 60)} 192.0.2.${i % 250} ${user} 198.51.100.1 21 ${method} ${stem} ${status} 0 0 ${id} ${path}\r\n`
  const user = `EXAMPLE\\user${i % 997}`
  return (
    line('-', 'ControlChannelOpened', '-', '-', '-') +
    line('-', 'USER', 'user', '331', '-') +
    line(user, 'PASS', '***', '230', '/') +
    line(user, 'CWD', 'incoming', '250', '/incoming') +
    line(user, 'STOR', `report+${i}.pdf`, '226', `/incoming/report+${i}.pdf`) +
    line(user, 'ControlChannelClosed', '-', '-', '-')
  )
}
const iisHeader =
  '#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath\r\n'

async function measure(name, make, { path, bytes }) {
  const source = make({ log: path, readBack: Infinity, timeZone: 'UTC' })
  let most = 0
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20)
  const before = process.memoryUsage().rss
  let gap
  const seconds = await processorTime(async () => (gap = await longestGap(() => source.list(signal))))
  clearInterval(watch)
  const megabytes = bytes / 1e6
  say(
    `${name}, ${megabytes.toFixed(0)} MB read whole: the processor's time for each 100 MB (100 MB/s)`,
    seconds / (megabytes / 100),
    's',
    1,
  )
  const cutting = await processorTime(() => cutIntoLines(path))
  say(`${name}: beside node:readline, which only cuts it into lines`, seconds / cutting, 'x', 5)
  say(`${name}: memory beyond what was used before`, (most - before) / 1e6, 'MB', 100)
  say(`${name}: longest wait of the event loop`, gap, 'ms', 15)
  const { lines, of } = source.unread()
  say(`${name}: lines of ${of} that were not understood`, lines, '', 0)
  appendFileSync(path, make === servU ? servULog(1e6) : iisLog(1e6))
  const again = performance.now()
  await source.list(signal)
  say(`${name}: a look at what was added`, performance.now() - again, 'ms', 15)
}

/** In seconds: what other programs do meanwhile does not count. */
async function processorTime(run) {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function cutIntoLines(path) {
  const lines = createInterface({ input: createReadStream(path) }).on('line', () => undefined)
  return once(lines, 'close')
}

try {
  const bytes = Number(process.argv[2] ?? 1) * GB
  const servULogFile = writeLog('serv-u.log', '', servULog, bytes)
  await measure('Serv-U', servU, servULogFile)
  rmSync(servULogFile.path)
  await measure('IIS (W3C)', iisFtp, writeLog('iis.log', iisHeader, iisLog, bytes))
} finally {
  rmSync(directory, { recursive: true })
}
finish()
