/**
 * `adminjs-sessions/linux`: for adapters of servers that run on the same Linux machine. What a process is, what it has
 * open, which connections it has, and how it is ended without ever hitting another. Nothing of it loads AdminJS or TypeORM.
 *
 * A whole adapter over a server's processes, one for each session:
 *
 * ```ts
 * import type { FtpSource } from 'adminjs-sessions/source'
 * import * as linux from 'adminjs-sessions/linux'
 *
 * // Not by its parent: a session may outlive the server that it came to.
 * const isSession = (stat: linux.ProcessStat) =>
 *   linux.isProgram('my-ftpd', linux.programOf(stat)) && linux.titleOf(stat.pid) !== 'my-ftpd: server'
 *
 * export const myFtpd = (): FtpSource => ({
 *   name: 'my-ftpd',
 *   kind: 'ftp',
 *   evidence: 'live',
 *   async list() {
 *     linux.expectOwnProc()
 *     const stats = linux.allPids().flatMap((pid) => linux.processStat(pid) ?? [])
 *     return stats.filter(isSession).map((stat) => {
 *       const { pid, startTicks } = stat
 *       const at = linux.directoriesOf(pid)
 *       return {
 *         key: `${linux.bootId().slice(0, 12)}-${pid}-${startTicks}`,
 *         handle: { bootId: linux.bootId(), pid, startTicks },
 *         location: at && linux.seenFrom(at.root, at.cwd),
 *         connectedAt: linux.startedAt(stat),
 *       }
 *     })
 *   },
 *   end: async ({ handle }, signal) => {
 *     signal.throwIfAborted()
 *     return linux.endProcess(handle as linux.ProcessIdentity, 'SIGTERM', (stat) =>
 *       isSession(stat) ? null : `Process ${stat.pid} is no session of my-ftpd any more.`,
 *     )
 *   },
 * })
 * ```
 *
 * @module adminjs-sessions/linux
 */
export {
  allPids,
  bootId,
  bootedAt,
  directoriesOf,
  openFilesOf,
  positionOf,
  processStat,
  seenFrom,
  standingOf,
  startedAt,
  titleOf,
  TICKS_PER_SECOND,
  type OpenFile,
  type ProcessStat,
} from './proc.js'
export { expectOwnProc, isOfThisNamespace } from './pid-namespace.js'
export { isProgram, isSameProgram, programOf, type Program } from './program.js'
export { allConnections, type Connection } from './tcp-connections.js'
export type { Endpoint } from '../../../text/address.js'
export {
  endProcess,
  missingRights,
  orAsRoot,
  signalProcess,
  type AsRoot,
  type EndSignal,
  type ProcessIdentity,
} from './end-process.js'
export { endByArguments, type EndAsRoot, type WayAsRoot } from './end-by-arguments.js'
export { endConnection, type ServerConnection } from './end-connection.js'
export { ProgramFailed, runProgram, type Finished, type ProgramLimits } from './run-program.js'
export { decodeName } from '../../../text/decode-name.js'
export { endpointOf, ipOf, portOf } from '../../../text/address.js'
export { inBatches, inSlices } from '../../../timing/event-loop.js'
