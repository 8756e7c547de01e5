import { messageOf } from '../text/error-message.js'
import { visible } from '../text/printable.js'
import { collect } from './collect.js'
import { probe, type Terminal } from './probe.js'
import { readArguments, WrongUsage } from './arguments.js'
import { adapterNames, loadAdapter } from './load-adapter.js'

/** How the command ends. */
export const EXIT = { ok: 0, unreadable: 1, wrongUsage: 2 }

/**
 * Runs `adminjs-sessions` with these arguments.
 *
 * @returns its exit code: see docs/probe.md
 */
export async function runCommand(args: string[], terminal: Terminal): Promise<number> {
  try {
    const asked = readArguments(args)
    if (asked === 'help') {
      terminal.out.write(HELP)
      return EXIT.ok
    }
    if (asked.command === 'collect') {
      return (await collect(asked.config, terminal)) ? EXIT.ok : EXIT.unreadable
    }
    const sources = await loadAdapter(asked.adapter, asked.options)
    return (await probe(sources, asked, terminal)) ? EXIT.ok : EXIT.unreadable
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error
    terminal.error.write(`${visible(messageOf(error))}\nadminjs-sessions --help tells more.\n`)
    return EXIT.wrongUsage
  }
}

const HELP = `adminjs-sessions probe ADAPTER [--json] [--once] [--OPTION VALUE ...]

Shows what an adapter sees now, every two seconds and whenever it has news, until Ctrl-C.
It ends nobody.

  ADAPTER          ${adapterNames.join(', ')},
                   or the path of a module whose default export is a source,
                   or a function that makes one of its options
  --json           one JSON object per reading and source, a line each
  --once           reads once
  --help           this text
  --OPTION VALUE   an option of the adapter, by its name in the adapter's
                   documentation; one within another as --controls.socket VALUE.
                   What is JSON is read as JSON, anything else as text; an
                   option without a value is true, and one given twice a list.

Exit codes: 0 the sessions could be read, 1 they could not at the last reading,
2 wrong usage.

adminjs-sessions collect --config FILE

Reads sources into a database that a back office elsewhere shows, and ends what is
removed there, until it is told to stop. FILE is a module whose default export is
what collectSessions takes: docs/hosts.md.

Exit codes: 0 it was stopped, 1 the database can't be used, 2 wrong usage.
`
