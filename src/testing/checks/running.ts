import { messageOf } from '../../text/error-message.js'
import { Finding, NotChecked } from '../finding.js'
import { pause } from '../limits.js'
import type { Check } from './check.js'

/** `start`, which has been running all the while: these checks come last, and stop it. */
export const running: readonly Check[] = [
  {
    name: 'start-stops-with-its-signal',
    says: 'What `start` runs goes on until its signal, then it settles and gives no more hints.',
    async run(trial) {
      if (!trial.source.start) throw new NotChecked('the source has no `start`')
      const failed = trial.startFailed()
      if (failed !== undefined) throw new Finding(`it threw: ${messageOf(failed)}`)
      await trial.closeAll()
      if (!(await trial.stop()))
        throw new Finding(`it had not settled ${trial.limits.within / 1000} s after its signal was aborted`)
      await pause(trial.limits.quietAfter)
      trial.hints = 0
      const client = await trial.connect(trial.scenario.logins[0])
      await client.act()
      await client.disconnect()
      await pause(trial.limits.quietAfter)
      if (trial.hints > 0) throw new Finding(`${trial.hints} hints after its signal was aborted`)
    },
  },
  {
    name: 'start-leaks-nothing',
    says: 'After its signal, nothing that `start` opened keeps the process alive.',
    async run(trial) {
      if (!trial.source.start) throw new NotChecked('the source has no `start`')
      await trial.stop()
      let left: string[] = []
      await trial
        .until('', async () => {
          left = trial.openedByStart()
          return left.length === 0
        })
        .catch(() => {
          throw new Finding(`left open: ${left.join(', ')}`)
        })
    },
  },
]
