export { createSessions, type Sessions } from './create-sessions.js'
export type { SessionsOptions } from './sessions-options.js'
export type { Access } from './actions/access.js'
export type { DatabaseOptions } from './resources/database.js'
export { expressSessions, type ExpressSessionsOptions } from './collectors/panel/express-sessions/express-sessions.js'
export type { LoggedIn } from './collectors/panel/express-sessions/logged-in.js'
export { endConnection, type ServerConnection } from './collectors/ftp/end-connection.js'
export { pureFtpd, type PureFtpdOptions } from './collectors/ftp/pure-ftpd/pure-ftpd.js'
export { vsftpd, type VsftpdOptions } from './collectors/ftp/vsftpd/vsftpd.js'
export { sftpgo, type SftpgoLogon, type SftpgoOptions } from './collectors/ftp/sftpgo/sftpgo.js'
export { proftpd, type ProftpdOptions } from './collectors/ftp/proftpd/proftpd.js'
export {
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
  type SessionKind,
  type SessionSource,
  type Site,
} from './collectors/engine/session-source.js'
export type { FtpSessionRow, PanelSessionRow, SessionRemovalRow, SessionSourceStatusRow } from './resources/rows.js'
