import { messageOf } from '../../text/error-message.js'
import { type Check, Finding, NotChecked } from '../harness.js'
import { pause } from '../limits.js'

/** `start`, which has been running all the time: these checks come last, and stop it. */
export const running: readonly Check[] = [
  {
    name: 'start-stops-with-its-signal',
    says: 'What `start` runs goes on until its signal, then it settles and gives no more hints.',
    async run(harness) {
      if (!harness.source.start) throw new NotChecked('the source has no `start`')
      const failed = harness.startFailed()
      if (failed !== undefined) throw new Finding(`it threw: ${messageOf(failed)}`)
      await harness.closeAll()
      if (!(await harness.stop()))
        throw new Finding(`it had not settled ${harness.limits.within / 1000} s after its signal was aborted`)
      await pause(harness.limits.quietAfter)
      harness.hints = 0
      const client = await harness.connect(harness.scenario.logins[0])
      await client.act()
      await client.disconnect()
      await pause(harness.limits.quietAfter)
      if (harness.hints > 0) throw new Finding(`${harness.hints} hints after its signal was aborted`)
    },
  },
  {
    name: 'start-leaks-nothing',
    says: 'After its signal, nothing that `start` opened keeps the process alive.',
    async run(harness) {
      if (!harness.source.start) throw new NotChecked('the source has no `start`')
      await harness.stop()
      let left: string[] = []
      await harness
        .until('', async () => {
          left = harness.openedByStart()
          return left.length === 0
        })
        .catch(() => {
          throw new Finding(`left open: ${left.join(', ')}`)
        })
    },
  },
]
