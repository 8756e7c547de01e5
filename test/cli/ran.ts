import { runCommand } from '../../src/cli/run-command.js'

/** Runs `adminjs-sessions` to its end, within this process: to load all that it needs takes a second of a processor. */
export async function ran(args: string[], signal = new AbortController().signal) {
  let [out, error] = ['', '']
  const code = await runCommand(args, {
    out: { write: (text) => (out += text) },
    error: { write: (text) => (error += text) },
    signal,
  })
  return { code, out, error }
}
