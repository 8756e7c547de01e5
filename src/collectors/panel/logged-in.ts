/** Who is logged in to a session. */
export interface LoggedIn {
  /** As the admins know them; null where somebody is logged in whose login can't be told. A number becomes text. */
  login: string | number | null | undefined
  /** `'administrator'`, `'reseller-or-customer'`, `'mailbox-owner'` or a type of the host's; null or left out: unknown. */
  type?: string | null
}

/** A login, or a type, as rows have it: a number becomes text. Null where it is none. */
export function loginText(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value
  return Number.isFinite(value) || typeof value === 'bigint' ? String(value) : null
}
