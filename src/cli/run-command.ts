import { messageOf } from '../text/error-message.js'
import { visible } from '../text/printable.js'
import { apiCommands, runApiCommand } from './api-commands.js'
import { collect } from './collect.js'
import { completion } from './completion.js'
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
  const [command, ...others] = args
  try {
    if (command !== undefined && Object.hasOwn(apiCommands, command) && !others.includes('--help')) {
      return await runApiCommand(command, others, terminal)
    }
    if (command === 'completion') {
      terminal.out.write(completion(others))
      return EXIT.ok
    }
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

adminjs-sessions list [panel|ftp] [FILTERS] [--type TYPE] [--status STATUS]
adminjs-sessions watch
adminjs-sessions remove FILTERS [--kind panel|ftp] [--reason TEXT] [--tell-reason]
                 [--when-idle] [--keep-out login|ip HOW-LONG] --yes
adminjs-sessions keep-out --login LOGIN|--ip ADDRESS HOW-LONG [--reason TEXT] --yes
adminjs-sessions release REMOVAL --yes
adminjs-sessions removals [--batch UUID] [--since TIME]

Ask a back office over its HTTP API, or its database alone: docs/command-line.md.

  --url URL           where it has mounted it; else ADMINJS_SESSIONS_URL
  --token-file FILE   the token; else ADMINJS_SESSIONS_TOKEN
  --config FILE       in the place of both: what collect takes; its database is asked,
                      no source is read, and collectors carry out what is asked for
  --by NAME           with --config: who is on record, by default the system's user
  --json              one JSON object a line
  FILTERS             --login, --person, --ip, --source, --host, --idle MINUTES:
                      all of them must be true
  HOW-LONG            --minutes NUMBER or --until-released
  --yes               does it; without it, what would end is shown

Exit codes: 0 done, 1 not answered, interrupted, not all of it ended (a silent host's is
pending), or a source can't be read, 2 wrong usage, 3 nothing was done without --yes.

adminjs-sessions completion bash|zsh

For your shell: eval "$(adminjs-sessions completion bash)"
`
