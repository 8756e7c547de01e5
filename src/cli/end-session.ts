#!/usr/bin/env node
import { endByArguments } from '../collectors/ftp/os/end-by-arguments.js'
import { servers } from '../collectors/ftp/servers.js'

/*
 * adminjs-sessions-end PID STARTTICKS [force]
 *
 * Ends one FTP session for a back office that may not: run by it as root, through sudo. The process must be a session by
 * what its server itself says, whatever the caller says. With `force` by SIGKILL; every check is the same.
 */
await endByArguments(
  'adminjs-sessions-end',
  process.argv.slice(2),
  servers.flatMap(({ asRoot }) => asRoot ?? []),
)
