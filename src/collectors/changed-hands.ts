import { Refusal } from './refusal.js'

/** Whose a session is, and where from: null where that is nobody, or not known. */
interface Whose {
  login: string | null
  ip?: string | null
}

/**
 * Why a session is not to be ended that is not what was listed any more; null where it is. Whose it is now is not said:
 * the admin may be one who must not see that person.
 */
export function changedHands(listed: Whose, now: Whose): Refusal | null {
  if (now.login !== listed.login) {
    if (listed.login === null) return new Refusal('somebodysNow')
    return new Refusal(now.login === null ? 'nobodysNow' : 'somebodyElses', { login: listed.login })
  }
  if (now.ip === listed.ip) return null
  return listed.ip == null ? new Refusal('elsewhereThanUnknown') : new Refusal('elsewhere', { ip: listed.ip })
}
