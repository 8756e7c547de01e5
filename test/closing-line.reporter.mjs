/**
 * Prints the run's totals last, alone on a line, for programs that read them; and before them what an everyday run leaves
 * out, which is no skipped test.
 */
export default class ClosingLine {
  constructor({ testPathPatterns }, { left }) {
    this.left = testPathPatterns.isSet() ? 0 : left
  }

  onRunComplete(contexts, results) {
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites
    const skipped = results.numPendingTests + results.numTodoTests
    const isWhole = [...contexts].some(({ config }) => config.displayName?.name === 'http')
    const left = isWhole && this.left > 0 ? `\nEveryday run: ${this.left} files left to "npm run test:all"\n` : ''
    // Jest's own summary comes after this; the end of the process comes after that.
    process.once('exit', () =>
      process.stdout.write(`${left}\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`),
    )
  }
}
