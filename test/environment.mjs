import { TestEnvironment } from 'jest-environment-node'

// A worker that has nothing left to do would give back its memory piece by piece. On a busy machine that takes longer than
// the half second for which Jest waits; then Jest ends it, and says that tests leak.
process.once('beforeExit', () => process.exit())

export default TestEnvironment
