import type { SessionData } from 'express-session'

/** Who is logged in to a session. */
export interface LoggedIn {
  /** As the admins know them; null where somebody is logged in whose login can't be told. */
  login: string | null
  /** `'administrator'`, `'reseller-or-customer'`, `'mailbox-owner'` or a type of the host's; null or left out: unknown. */
  type?: string | null
}

/** Reads who is logged in out of a session's data; null where nobody is. */
export type ReadLogin = (session: SessionData) => LoggedIn | null

/** The types of the roles that back offices commonly have. */
const commonTypes: Record<string, string> = {
  admin: 'administrator',
  administrator: 'administrator',
  reseller: 'reseller-or-customer',
  customer: 'reseller-or-customer',
  mailbox: 'mailbox-owner',
}

/**
 * AdminJS keeps what `authenticate` gave it under `adminUser`
 * (https://docs.adminjs.co/basics/authentication): `email`, else `login`, else `username` is the login, and `role`
 * says the type.
 */
export function adminUser(types: Record<string, string> = commonTypes): ReadLogin {
  return (session) => {
    const user = (session as { adminUser?: unknown }).adminUser
    if (typeof user !== 'object' || user === null) return null
    const { email, login, username, role } = user as Record<string, unknown>
    const type = typeof role === 'string' && Object.hasOwn(types, role) ? types[role]! : null
    return { login: [email, login, username].find(isText) ?? null, type }
  }
}

/** Checks each answer of the host's own function, which may be wrong for a session that nobody thought of. */
export function checkedReading(read: (session: SessionData) => LoggedIn | null | undefined): ReadLogin {
  return (session) => {
    let answer: LoggedIn | null | undefined
    try {
      answer = read(session)
    } catch (error) {
      throw new Error(
        `The option session of expressSessions threw: ${error instanceof Error ? error.message : error}`,
        {
          cause: error,
        },
      )
    }
    if (answer === null || answer === undefined) return null
    const { login, type = null } = answer
    if ((login === null || isText(login)) && (type === null || isText(type))) return { login, type }
    throw new Error(
      'The option session of expressSessions must answer null where nobody is logged in, else { login, type }, ' +
        `both a text or null; it answered a login of type ${typeof login} and a type of type ${typeof type}.`,
    )
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
