/**
 * `adminjs-sessions/source`: what an adapter is written against. The contract, and the two tools that most of them need.
 *
 * @module adminjs-sessions/source
 */
export * from './session-source.js'
export { ProgramFailed, runProgram, type Finished, type ProgramLimits } from './collectors/ftp/os/run-program.js'
export { decodeName } from './text/decode-name.js'
