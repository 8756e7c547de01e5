import type { FtpSource } from '../../session-source.js'
import type { WayAsRoot } from './os/end-by-arguments.js'

/** An FTP server that this package knows. Its page is docs/servers/FOLDER.md. */
export interface FtpServer {
  /** Of the adapter, as src/index.ts exports it. */
  name: string
  /** Its folder beside this file. */
  folder: string
  /** The adapter. */
  load(): Promise<(options: never) => FtpSource>
  /** How root ends one of its sessions, where that takes root. */
  asRoot?: WayAsRoot
}

/**
 * Every server, in the order in which it is told of them. A new one is a folder, an entry here, a line in src/index.ts, a
 * page and a contract run: test/collectors/ftp/servers.test.ts says which is missing.
 *
 * Nothing is loaded before it is asked for: adminjs-sessions-end runs as root, and has as little in it as can be.
 */
export const servers: readonly FtpServer[] = [
  {
    name: 'proftpd',
    folder: 'proftpd',
    load: async () => (await import('./proftpd/proftpd.js')).proftpd,
    asRoot: { program: 'proftpd', load: async () => (await import('./proftpd/end-proftpd-as-root.js')).endAsRoot },
  },
  {
    name: 'pureFtpd',
    folder: 'pure-ftpd',
    load: async () => (await import('./pure-ftpd/pure-ftpd.js')).pureFtpd,
    asRoot: {
      program: 'pure-ftpd',
      load: async () => (await import('./pure-ftpd/end-pure-ftpd-as-root.js')).endAsRoot,
    },
  },
  {
    name: 'vsftpd',
    folder: 'vsftpd',
    load: async () => (await import('./vsftpd/vsftpd.js')).vsftpd,
    asRoot: { program: 'vsftpd', load: async () => (await import('./vsftpd/end-vsftpd-as-root.js')).endAsRoot },
  },
  { name: 'sftpgo', folder: 'sftpgo', load: async () => (await import('./sftpgo/sftpgo.js')).sftpgo },
  { name: 'servU', folder: 'serv-u', load: async () => (await import('./serv-u/serv-u.js')).servU },
  { name: 'gene6', folder: 'gene6', load: async () => (await import('./gene6/gene6.js')).gene6 },
  { name: 'iisFtp', folder: 'iis', load: async () => (await import('./iis/iis-ftp.js')).iisFtp },
]
