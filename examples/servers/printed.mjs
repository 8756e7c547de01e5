/**
 * Waits until a program prints `ready`, on either of its outputs.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {RegExp} ready
 * @param {string} name
 * @returns {Promise<void>}
 * @throws with all that it printed, when it ends before
 */
export function printed(child, ready, name) {
  return new Promise((resolve, reject) => {
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output = (output + chunk).slice(-10_000)
        if (ready.test(output)) resolve()
      })
    }
    child.once('error', reject)
    child.once('close', (code, signal) =>
      reject(new Error(`${name} ended with ${code ?? signal} before it was ready:\n${output.trim()}`)),
    )
  })
}
