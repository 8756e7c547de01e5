/**
 * Ends a run at its first failed test, in the middle of a file, where Jest's `--bail` ends with the file: a mutant for
 * which all of its tests wait in vain would cost two minutes for each of them.
 */
export default class FirstFailure {
  onTestCaseResult(_, { status, fullName, failureMessages }) {
    if (status !== 'failed') return
    console.error([`Failed: ${fullName}`, ...failureMessages].join('\n'))
    process.exit(1)
  }

  onTestFileResult({ path }, { testExecError }) {
    if (testExecError) console.error(`Failed: ${path}\n${testExecError.message}`)
  }
}
