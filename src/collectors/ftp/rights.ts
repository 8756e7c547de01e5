import { run } from './processes.js'

/**
 * What a back office that is not root lacks to see of its server's sessions, and to end them.
 *
 * @param sees what only root can see, as the end of a sentence
 * @param ends what to set up to end sessions, as a sentence; null where that is done
 */
export function missingRights(sees: string, ends: string | null): string[] {
  if (process.getuid?.() === 0) return []
  return [`It can't see ${sees}: that takes root, or CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH.`, ...(ends ? [ends] : [])]
}

/** May this user run a program as root, without a password? */
export async function maySudo(program: string, signal: AbortSignal): Promise<boolean> {
  const { code } = await run('sudo', ['-n', '-l', program], signal)
  return code === 0
}
