#!/usr/bin/env node
import { runCommand } from './run-command.js'

const stopping = new AbortController()
const stop = () => stopping.abort()
process.once('SIGINT', stop).once('SIGTERM', stop)
// Whoever read it has enough: `| head`.
process.stdout.on('error', stop)

const code = await runCommand(process.argv.slice(2), {
  out: process.stdout,
  error: process.stderr,
  signal: stopping.signal,
})
// Once all is written; a module of one's own may hold connections open that nobody needs any more.
process.stdout.write('', () => process.exit(code))
