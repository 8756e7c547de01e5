import { ftpClient } from './ftp-client.mjs'

/**
 * What the kit may do at a server (`Scenario`), in every way that it knows. Two logins and `connect` are the least: what
 * else yours leaves out is reported as not checked.
 *
 * @param {Awaited<ReturnType<typeof import('./fake-server.mjs').startExampled>>} server started for this alone
 * @returns {import('adminjs-sessions/testing').Scenario}
 */
export function scenarioOf(server) {
  return {
    // Two accounts. The first is logged in several times at once.
    logins: ['alice', 'bob'],
    // Where clients may come from, to check that an address is kept out.
    addresses: ['127.0.0.1', '127.0.0.2'],
    connectWithoutLogon: () => ftpClient(server.port),
    async connect(login, localAddress) {
      const client = await ftpClient(server.port, { localAddress })
      await client.logOn(login)
      return client
    },

    // Nobody can know now who is connected: the server is stopped, its status file is taken away, or a right. Gives what
    // mends it. The best one leaves clients connected, as a server does that is started anew beside its sessions.
    breakServer: () => server.pause(),
    // Silent, with its connections open. Of a process: SIGSTOP, and SIGCONT wakes it.
    stallServer: () => server.stall(),
  }
}
