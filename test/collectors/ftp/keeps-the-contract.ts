import { expect, test } from '@jest/globals'
import { servers } from '../../../src/collectors/ftp/servers.js'
import type { FtpSource } from '../../../src/session-source.js'
import { checkSource, type Scenario } from '../../../src/testing/index.js'
import { patience } from '../../until.js'

/** What the kit can't check without each of these, and what it says then. */
const neededFor = {
  upload: ['upload-shown', 'upload-progress', 'upload-is-activity', 'upload-leaves-nothing'],
  download: ['download-shown', 'download-progress', 'download-is-activity', 'download-leaves-nothing'],
  useName: ['hostile-names'],
  become: ['end-refuses-who-changed'],
  breakServer: ['failing-server-throws', 'failure-explained', 'recovers', 'survivors-listed'],
  keepOut: ['keep-out-keeps-out', 'keep-out-lets-others-in', 'keep-out-releases'],
  start: ['start-stops-with-its-signal', 'start-leaks-nothing'],
}
type Part = keyof typeof neededFor

function because(part: Part): string {
  if (part === 'keepOut' || part === 'start') return `the source has no \`${part}\``
  return part === 'breakServer' ? `the scenario has no \`${part}\`` : `the scenario's clients have no \`${part}\``
}

/** How a server of the registry is put before the kit. */
interface Contract<Adapter> {
  /** Why it can't be had here, where it can't. */
  missing?: string | null
  /** What its source or its clients have no way to do: for that, and for nothing else, a rule is not checked. */
  lacks: Part[]
  /** @param adapter what the registry has under this name */
  start(adapter: Adapter): Promise<{ source: FtpSource; scenario: Scenario; stop?(): Promise<void> }>
}

/**
 * Runs the kit for a server of the registry. Each has a file of its own that calls this, so that they run side by side;
 * servers.test.ts tells where one has none.
 *
 * @param name the adapter's
 */
export function keepsTheContract<Adapter>(name: string, title: string, contract: Contract<Adapter>): void {
  const { missing, lacks, start } = contract
  const run = missing ? test.skip : test
  run(`${title} keeps the contract${missing ? ` (${missing})` : ''}`, async () => {
    const adapter = await servers.find((server) => server.name === name)!.load()
    const { source, scenario, stop } = await start(adapter as Adapter)
    try {
      const { notChecked } = await checkSource(source, scenario, patience)
      expect(Object.fromEntries(notChecked.map(({ name, because }) => [name, because]))).toEqual({
        'end-refuses-where-it-cannot': 'the source can end sessions',
        ...Object.fromEntries(lacks.flatMap((part) => neededFor[part].map((rule) => [rule, because(part)]))),
      })
    } finally {
      await stop?.()
    }
  })
}
