/**
 * What `checkSource` needs of the server whose sessions a source lists: clients that log in and leave. What an optional
 * part would check is reported as not checked if that part is left out.
 *
 * Give it a server of its own: anybody else who comes and goes is taken for one of its clients.
 *
 * @example
 * const scenario: Scenario = {
 *   logins: ['alice', 'bob'],
 *   async connect(login) {
 *     const ftp = new Client() // basic-ftp
 *     await ftp.access({ port: server.port, user: login, password: 'secret' })
 *     return {
 *       isConnected: () => ftp.send('NOOP').then(() => true, () => false),
 *       act: async () => void (await ftp.pwd()),
 *       disconnect: async () => ftp.close(),
 *     }
 *   },
 *   async breakServer() {
 *     await server.stop()
 *     return () => server.start()
 *   },
 * }
 */
export interface Scenario {
  /** Two accounts of the server, as the source lists them. The first is logged in several times at once. */
  logins: readonly [string, string]
  /**
   * Opens a session of this account.
   * @param address the local address to come from: one of `addresses`, and only where there are some
   * @throws if the server does not let it in
   */
  connect(login: string, address?: string): Promise<ScenarioClient>
  /** Connects without logging in yet. The client has a `logOn`. */
  connectWithoutLogon?(): Promise<ScenarioClient>
  /** Two addresses that `connect` can come from, to check that addresses are kept out: on Linux all of 127.0.0.0/8 will do. */
  addresses?: readonly [string, string]
  /**
   * Makes it impossible to know the sessions: stops the server, takes its status file away, takes a right away. Gives
   * what mends it. Sessions may be lost; where they live on, as those of many FTP servers do while the server is started
   * anew, it is checked that they are listed afterwards.
   */
  breakServer?(): Promise<() => Promise<void>>
  /** Makes the server fall silent, with its connections open, as SIGSTOP does. Gives what wakes it. */
  stallServer?(): Promise<() => Promise<void>>
  /** The source has no way of ending sessions: its `end` always refuses. */
  cannotEnd?: true
}

/** A client of the server: a logged-in FTP connection, a browser with its cookie. */
export interface ScenarioClient {
  /**
   * Whether the server still serves this session. Asks the server (a NOOP, a page): a dead socket may look open for long.
   * Asked before a list is blamed for a session that it lacks.
   */
  isConnected(): Promise<boolean>
  /** Leaves, and closes whatever it has opened. Called for every client; must not throw if the session was ended. */
  disconnect(): Promise<void>
  /** Does something that counts as activity: changes directory, opens a page. */
  act(): Promise<void>
  /** Logs on, after `connectWithoutLogon`. */
  logOn?(login: string): Promise<void>
  /** Makes this same session another account's, if the server allows it: logs on again over the same connection. */
  become?(login: string): Promise<void>
  /** Begins to send a file; resolves when the transfer is under way. */
  upload?(): Promise<ScenarioTransfer>
  /** Begins to take a file of at least 16 MiB; resolves when the transfer is under way. */
  download?(): Promise<ScenarioTransfer>
  /**
   * Makes the server hold a name, of any bytes: makes a directory of that name and goes to it, or begins to send a file
   * of that name. Over FTP a byte 0xFF is sent twice: a single one begins a Telnet command (RFC 854; RFC 959, section
   * 3.1.1.5.1).
   * @throws if the server does not take such a name, or if it cannot be sent
   */
  useName?(name: Buffer): Promise<void>
}

/** A running transfer, which stands still between two calls. */
export interface ScenarioTransfer {
  /** Moves at least another MiB, more than the buffers on the way can hide. */
  more(): Promise<void>
  /** Ends the transfer, complete or not; the session goes on. */
  finish(): Promise<void>
}
