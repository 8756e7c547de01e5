/**
 * Every field of a session, once: what it holds and who fills it in. The rows' columns, the properties that AdminJS shows,
 * the rules of the kit and the columns of `probe` follow from here. A plain field needs a line here, its texts in
 * src/translations, and an adapter that fills it.
 */

/** What a field holds: an array is the words that it may have. Times are instants (UTC). */
export type FieldType = 'text' | 'address' | 'time' | 'bytes' | 'bytes-per-second' | 'percent' | readonly string[]

export interface Field {
  readonly is: FieldType
  /** The engine works it out; whatever a source says of it is not looked at. */
  readonly derived?: true
  /** The engine works it out where the source says nothing of it. */
  readonly completed?: true
  /** What a row has where the source has said nothing yet. Such a field is never unknown. */
  readonly usually?: string
}

export const panelFields = {
  login: { is: 'text' },
  /** Who it is, where one person has several logins: what `createSessions`'s option `person` says; else the login. */
  person: { is: 'text', completed: true },
  /** `'administrator'`, `'reseller-or-customer'`, `'mailbox-owner'`, or what the host adds. */
  type: { is: 'text' },
  /** Where the session's latest request comes from, without a port. */
  ip: { is: 'address' },
  /** Where its logon came from. */
  logonIp: { is: 'address' },
  loggedInAt: { is: 'time' },
  /** The last time that its person did something. Idle time is derived from it. */
  lastActiveAt: { is: 'time' },
  /** When it ends by itself if nothing more is done in it. */
  expiresAt: { is: 'time' },
  userAgent: { is: 'text' },
} as const satisfies Record<string, Field>

export const ftpFields = {
  /** Null before logon. */
  login: { is: 'text' },
  /** Who it is, where one person has several logins: what the source or `createSessions`'s option `person` says; else the login. */
  person: { is: 'text', completed: true },
  /** Whose account it is; null before logon and where it is not known. */
  type: { is: ['domain-user', 'subdomain-user', 'web-user', 'anonymous', 'not-registered'] },
  status: { is: ['authenticating', 'idle', 'uploading', 'downloading', 'listing', 'busy'] },
  /** `'orphaned'`: its server no longer knows it, but it lives. `'unreadable'`: the server's entry for it makes no sense. */
  condition: { is: ['normal', 'orphaned', 'unreadable'], usually: 'normal' },
  domain: { is: 'text' },
  /** Where its control connection comes from, without a port. */
  ip: { is: 'address' },
  protocol: { is: ['ftp', 'ftps', 'sftp'] },
  connectedAt: { is: 'time' },
  /** The last time that its client sent a command or moved a byte. Idle time is derived from it. */
  lastActiveAt: { is: 'time' },
  /** Bytes of the present transfer, the resume offset included; null between transfers and where unknown. The engine derives the speed from it. */
  transferredBytes: { is: 'bytes' },
  /** Size of the file that is being downloaded; null for uploads, whose size no server knows. The engine derives the progress from it. */
  totalBytes: { is: 'bytes' },
  bytesPerSecond: { is: 'bytes-per-second', derived: true },
  /**
   * What its transfers were seen to grow by, from one poll to the next: it has moved at least that much. Null where no
   * bytes were ever told.
   */
  movedBytes: { is: 'bytes', derived: true },
  /** Whole per cent of a download. */
  progress: { is: 'percent', derived: true },
  /** The file that is being moved; null between transfers. */
  fileName: { is: 'text' },
  /** The session's current directory, as the client sees it. */
  location: { is: 'text' },
  /** The FTP command that runs just now, with its argument; null between commands. */
  command: { is: 'text' },
} as const satisfies Record<string, Field>

/** The fields of each kind of session, in the order in which a record's page and `probe` show them. */
export const sessionFields = { panel: panelFields, ftp: ftpFields } as const

/** Of the back office itself, or of an FTP server. */
export type SessionKind = keyof typeof sessionFields

/** The value of a field that is known. */
export type ValueOf<F extends Field> = F['is'] extends readonly (infer Word)[]
  ? Word
  : F['is'] extends 'time'
    ? Date
    : F['is'] extends 'text' | 'address'
      ? string
      : number

/** What a source may say of a session: a field that is left out keeps the value that its row has; null means unknown. */
export type Listed<Fields extends Record<string, Field>> = {
  -readonly [Name in keyof Fields as Fields[Name] extends { derived: true } ? never : Name]?:
    ValueOf<Fields[Name]> | (Fields[Name] extends { usually: string } ? never : null)
}

/** What a row holds of a session. */
export type Stored<Fields extends Record<string, Field>> = {
  -readonly [Name in keyof Fields]: ValueOf<Fields[Name]> | null
}

/** The names of a kind's fields that have something in common. */
export function fieldsOf(kind: SessionKind, which: (field: Field) => boolean = () => true): string[] {
  return Object.entries<Field>(sessionFields[kind]).flatMap(([name, field]) => (which(field) ? name : []))
}
