import type { vsftpd } from '../../../../src/collectors/ftp/vsftpd/vsftpd.js'
import { startVsftpd, vsftpdMissing } from '../../../servers/vsftpd.js'
import { ftpScenario } from '../../../testing/ftp-scenario.js'
import { keepsTheContract } from '../keeps-the-contract.js'

keepsTheContract<typeof vsftpd>('vsftpd', 'a real vsftpd', {
  missing: vsftpdMissing,
  // Its list fails only where there is no vsftpd at all, and then there are no sessions to come back to.
  lacks: ['become', 'breakServer', 'keepOut', 'start'],
  async start(vsftpd) {
    const server = await startVsftpd()
    const scenario = ftpScenario(server.port, ['alice', 'carol'])
    return { source: server.alone(vsftpd()), scenario, stop: server.stop }
  },
})
