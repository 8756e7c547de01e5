import { RemovalRefused } from '../../engine/session-source.js'
import { run } from '../processes.js'

/**
 * Ends a session that this process may not signal: through `sudo -n` and adminjs-sessions-end, which checks all again.
 *
 * @param helper the path of adminjs-sessions-end; undefined where none is set up
 * @throws RemovalRefused where there is no helper, sudo does not allow it, or it refuses
 */
export async function endAsRoot(
  helper: string | undefined,
  { pid, startTicks }: { pid: number; startTicks: number },
  signal: AbortSignal,
): Promise<'asked' | 'already-gone'> {
  if (!helper) {
    throw new RemovalRefused(
      `This back office (uid ${process.getuid?.()}) is not allowed to end process ${pid}. Set up adminjs-sessions-end ` +
        'with sudo and give its path as the option `endHelper` (docs/servers/proftpd.md), or run the back office as root.',
    )
  }
  const { code, stderr } = await run('sudo', ['-n', helper, String(pid), String(startTicks)], signal)
  // The exit codes of adminjs-sessions-end; sudo's own failure is 1.
  if (code === 0) return 'asked'
  if (code === 3) return 'already-gone'
  const said = stderr.trim().slice(0, 500)
  if (code === 4) throw new RemovalRefused(said)
  throw new RemovalRefused(
    `sudo -n ${helper} ended with ${code}: ${said || 'it said nothing'}. Does sudoers allow it to uid ${process.getuid?.()} ` +
      'without a password (docs/servers/proftpd.md)?',
  )
}
