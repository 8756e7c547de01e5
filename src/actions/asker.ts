import { rowValue } from '../text/stored-value.js'

/** Who asked, as far as the host's account object says. */
export function nameOf(currentAdmin: unknown): string | null {
  const { email, login, username, name, id } = (currentAdmin ?? {}) as Record<string, unknown>
  const found = [email, login, username, name, id].find(
    (value) => typeof value === 'string' || typeof value === 'number',
  )
  return found === undefined ? null : String(rowValue(String(found)))
}
