import Sequencer from '@jest/test-sequencer'

/**
 * As Jest has it, but engine/memory comes first: it looks through the heap of its process, in which a worker keeps the
 * modules of each file that it has run. After dozens of them that takes eight times as long.
 */
export default class MemoryFirst extends Sequencer {
  sort(tests) {
    const isFirst = ({ path }) => path.endsWith('/test/engine/memory.test.ts')
    const sorted = super.sort(tests)
    return [...sorted.filter(isFirst), ...sorted.filter((test) => !isFirst(test))]
  }
}
