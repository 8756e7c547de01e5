/**
 * `adminjs-sessions`: what a back office mounts, and the sources that come with the package.
 *
 * @module adminjs-sessions
 */
export * from './collect.js'
export { createSessions, type Sessions } from './create-sessions.js'
export type { SessionsOptions } from './options.js'
export { registerComponents, type Components } from './components/index.js'
export type { ApiOptions, ApiScope, ApiToken } from './api/tokens.js'
export type { Access } from './actions/access.js'
export type { TellEndedOptions } from './actions/tell-ended.js'
