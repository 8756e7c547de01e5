// How long `pureFtpd()` takes to list, beside the pure-ftpwho that it asks itself, in one run: what is more goes to /proc
// and `ss`, for location, idle time and bytes. Needs the built package (npm run build), pure-ftpd and root.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pureFtpd } from '../dist/collectors/ftp/pure-ftpd/pure-ftpd.js'
import { compare, freePort, programOf } from './sessions/open.mjs'

const who = programOf('pure-ftpwho')
const port = await freePort()
const dir = mkdtempSync(join(tmpdir(), 'bench-'))
const source = pureFtpd({ program: who })
const { signal } = new AbortController()
const run = promisify(execFile)
try {
  await compare({
    program: programOf('pure-ftpd'),
    args: ['-S', `127.0.0.1,${port}`, '-g', join(dir, 'pid'), '-c', '1100', '-C', '1100', '-H', '-I', '60'],
    port,
    list: () => source.list(signal),
    theirs: () => run(who, ['-n', '-s']),
    tool: 'pure-ftpwho -n -s',
  })
} finally {
  rmSync(dir, { recursive: true })
}
