import { renameSync } from 'node:fs'
import type { proftpd } from '../../../../src/collectors/ftp/proftpd/proftpd.js'
import { proftpdMissing, startProftpd } from '../../../servers/proftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'
import { keepsTheContract } from '../keeps-the-contract.js'

keepsTheContract<typeof proftpd>('proftpd', 'a real ProFTPD', {
  missing: proftpdMissing,
  // It does not let a session become another account's. And without `controls`: ftpdctl takes a second for each word, and
  // so these checks a minute. Bans have tests of their own.
  lacks: ['become', 'keepOut'],
  async start(proftpd) {
    const { port, scoreboard, stop } = await startProftpd()
    const scenario = ftpScenario(port, ['alice', 'dave'], {
      async breakServer() {
        const away = `${scoreboard}.away`
        renameSync(scoreboard, away)
        return async () => renameSync(away, scoreboard)
      },
    })
    return { source: proftpd({ scoreboard }), scenario, stop }
  },
})
