import type { FtpSessionType, ListedFtpSession } from '../../engine/session-source.js'
import type { ProftpdOptions } from './options.js'

/** Whose account a session's login is. */
export type Owner = { type: FtpSessionType | null; domain: string | null }

/**
 * Asks the host whose account a login is; null where it does not say.
 * @param domain the virtual host's name, for who has no other
 */
export async function ownerOf(
  session: ListedFtpSession,
  domain: string | null,
  { anonymous, accounts }: { anonymous: ReadonlySet<string>; accounts: ProftpdOptions['accounts'] },
): Promise<Owner | null> {
  const login = session.login!
  if (anonymous.has(login)) return { type: 'anonymous', domain }
  if (!accounts) return { type: null, domain }
  try {
    const account = await accounts(login, { ...session, domain })
    return { type: account?.type ?? 'not-registered', domain: account?.domain ?? domain }
  } catch (error) {
    // The session is there all the same, and must stay removable.
    const why = error instanceof Error ? error.message : String(error)
    process.emitWarning(
      `proftpd: accounts(${JSON.stringify(login)}) failed, so its type and domain are unknown: ${why}`,
    )
    return null
  }
}
