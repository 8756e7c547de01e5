/**
 * `adminjs-sessions/collect`: sources, policies and what runs them, for a machine that has neither AdminJS nor Express.
 *
 * @module adminjs-sessions/collect
 */
export { collectSessions, type Collecting } from './collect-sessions.js'
export type { CollectOptions } from './options.js'
export type { KeepOutOptions, RemovalResult, RemoveOptions } from './actions/host-removals.js'
export type { SessionScope } from './actions/session-scope.js'
export type { SessionEventMap, SessionEventName, SessionListener } from './database/session-events.js'
export type { Webhook } from './webhooks/webhook.js'
export type { Policy, PolicyOptions } from './policies/policy.js'
export { endIdle, type EndIdleOptions } from './policies/end-idle.js'
export { mostSessions, type MostSessionsOptions } from './policies/most-sessions.js'
export { quietHours, type QuietHoursOptions } from './policies/quiet-hours.js'
export type { DatabaseOptions } from './database/open-database.js'
export { expressSessions, type ExpressSessionsOptions } from './collectors/panel/express-sessions/express-sessions.js'
export type { LoggedIn } from './collectors/panel/logged-in.js'
export { sessionFiles, type SessionFilesOptions } from './collectors/panel/session-files/session-files.js'
export {
  sessionTable,
  type SessionTableOptions,
  type TableColumn,
  type TableColumns,
  type TableConnection,
} from './collectors/panel/session-table/session-table.js'
export type { ToldSession } from './collectors/panel/told-session.js'
export { plesk, type PleskOptions } from './collectors/panel/plesk/plesk.js'
export type { PleskConnection } from './collectors/panel/plesk/connection-options.js'
export type { PleskLogon } from './collectors/panel/plesk/xml-api.js'
export { gene6, type Gene6Options } from './collectors/ftp/gene6/gene6.js'
export { iisFtp, type IisFtpOptions } from './collectors/ftp/iis/iis-ftp.js'
export { logServer, type LogServerOptions, type LogSource } from './collectors/ftp/log/log-server.js'
export type { PatternGrammar } from './collectors/ftp/log/grammar.js'
export type { LoggedConnection } from './collectors/ftp/log/sessions-from-events.js'
export { w3c } from './collectors/ftp/log/w3c.js'
export { servU, servUGrammar, type ServUOptions } from './collectors/ftp/serv-u/serv-u.js'
export type { FtpAccount, FtpAccounts } from './collectors/ftp/shared/accounts.js'
export { pleskAccounts } from './collectors/ftp/shared/plesk-accounts.js'
export { endConnection, type ServerConnection } from './collectors/ftp/os/end-connection.js'
export { pureFtpd, type PureFtpdOptions } from './collectors/ftp/pure-ftpd/pure-ftpd.js'
export { vsftpd, type VsftpdOptions } from './collectors/ftp/vsftpd/vsftpd.js'
export { sftpgo, type SftpgoLogon, type SftpgoOptions } from './collectors/ftp/sftpgo/sftpgo.js'
export { proftpd, type ProftpdOptions } from './collectors/ftp/proftpd/proftpd.js'
export {
  KeepOutFailed,
  pollMark,
  RemovalRefused,
  type FtpSessionCondition,
  type FtpSessionStatus,
  type FtpSessionType,
  type FtpSource,
  type Hold,
  type ListedFtpSession,
  type ListedPanelSession,
  type ListedSession,
  type Notes,
  type PanelSource,
  type PersonOption,
  type SessionKind,
  type SessionSource,
  type Site,
} from './session-source.js'
export type { FtpSessionRow, PanelSessionRow, SessionRemovalRow, SessionSourceStatusRow } from './database/rows.js'
