import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Has this process measured by the one that started it: from its word `begin` to its word `end`, which is answered.
 *
 * @param {{ begin?(): void, end?(): object }} [more] what else is measured
 */
export function measured({ begin = () => {}, end = () => ({}) } = {}) {
  const gaps = monitorEventLoopDelay({ resolution: 10 })
  let cpu = process.cpuUsage()
  gaps.enable()
  process.on('disconnect', () => process.exit())
  process.on('message', (word) => {
    if (word === 'begin') {
      gaps.reset()
      cpu = process.cpuUsage()
      begin()
      return
    }
    const { user, system } = process.cpuUsage(cpu)
    process.send({ cpuMs: (user + system) / 1000, gapMs: gaps.max / 1e6, bytes: process.memoryUsage().rss, ...end() })
  })
  process.send('ready')
}
