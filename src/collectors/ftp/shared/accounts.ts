import { z } from 'zod'
import type { FtpSessionType, ListedFtpSession } from '../../../session-source.js'
import { inBatches } from '../../../timing/event-loop.js'
import { aFunction, text } from '../../check-options.js'

/** Whose account a login is. */
export interface FtpAccount {
  /**
   * Null while that is not known: nothing of the account is shown then but what the session's row has already, and it is
   * asked for again at the next look.
   */
  type: Exclude<FtpSessionType, 'anonymous' | 'not-registered'> | null
  /** The domain that the account belongs to. */
  domain?: string | null
  /** Who it is, where one person has several logins. Default: what `createSessions`'s option `person` says; else the login. */
  person?: string | null
}

/** Says whose account a login is; null where there is no such account. */
export interface FtpAccounts {
  (login: string, session: ListedFtpSession): FtpAccount | null | undefined | Promise<FtpAccount | null | undefined>
  /** Why it does not know what it should, in a sentence each: shown beside the list of the source that asks it. */
  warnings?(): string[]
}

/** What the sources of FTP servers are told of logins. */
export interface AccountOptions {
  /**
   * Logins that are anonymous, as the server shows them.
   * @default ['ftp', 'anonymous']
   */
  anonymous?: string[]
  /**
   * Says whose account a login is; null where there is no such account, which shows as `not-registered`. Asked once for
   * each session, when it has logged in. While it fails, type and domain are not known, a process warning says why, and it
   * is asked again at the next look. Without it no type is known but `anonymous`. For a Plesk: `pleskAccounts()`.
   * @example
   * accounts: async (login) => {
   *   const user = await FtpUser.findOneBy({ login })
   *   return user && { type: 'domain-user', domain: user.domain }
   * }
   */
  accounts?: FtpAccounts
}

/** `AccountOptions` as `checkOptions` takes them. */
export const accountOptions = {
  anonymous: z.array(text('a login'), { error: 'a list of logins' }).optional(),
  accounts: aFunction<FtpAccounts>().optional(),
}

/** What a source that has been given `accounts` warns of. */
export const accountWarnings = ({ accounts }: AccountOptions) => ({ warnings: () => accounts?.warnings?.() ?? [] })

/** Type and domain of a session, and who it is where the host has said so. */
export type Owner = { type: FtpSessionType | null; domain: string | null; person?: string }

/**
 * Asks the host whose account a session's login is; null where that is not known yet, or could not be asked, which a
 * process warning says.
 *
 * @param source the source's name, for the warning
 * @param domain what the server itself knows of the domain, for who has no other
 */
export async function ownerOf(
  source: string,
  session: ListedFtpSession,
  { anonymous = ['ftp', 'anonymous'], accounts }: AccountOptions,
  domain: string | null = null,
): Promise<Owner | null> {
  const { login } = session
  if (login != null && anonymous.includes(login)) return { type: 'anonymous', domain }
  if (login == null || !accounts) return { type: null, domain }
  try {
    const account = await accounts(login, { ...session, domain })
    if (account?.type === null) return null
    return {
      type: account?.type ?? 'not-registered',
      domain: account?.domain ?? domain,
      ...(account?.person != null && { person: account.person }),
    }
  } catch (error) {
    // The session is there all the same, and must stay removable.
    const why = error instanceof Error ? error.message : String(error)
    process.emitWarning(
      `${source}: accounts(${JSON.stringify(login)}) failed, so its type and domain are unknown: ${why}`,
    )
    return null
  }
}

/**
 * Adds to each session whose it is, and remembers that for as long as the session is listed with that login.
 * A session whose account is not known is left without both, so that its row keeps what it has.
 * @param source the source's name, for the warning
 */
export function ownersOf(source: string, options: AccountOptions) {
  let known = new Map<string, Owner>()

  return async (sessions: ListedFtpSession[], signal: AbortSignal): Promise<ListedFtpSession[]> => {
    const next = new Map<string, Owner>()
    const add = async (session: ListedFtpSession) => {
      const which = `${session.key} ${session.login ?? ''}`
      const owner = known.get(which) ?? (await ownerOf(source, session, options))
      if (owner) next.set(which, owner)
      return { ...session, ...owner }
    }
    const complete = [...sessions]
    await inBatches([...sessions.keys()], signal, async (i) => {
      complete[i] = await add(sessions[i]!)
    })
    known = next
    return complete
  }
}
