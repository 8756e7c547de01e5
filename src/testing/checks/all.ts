import type { Check } from './check.js'
import { ending } from './ending.js'
import { failing } from './failing.js'
import { idle } from './idle.js'
import { keepingOut } from './keeping-out.js'
import { listing } from './listing.js'
import { names } from './names.js'
import { running } from './running.js'
import { transfers } from './transfers.js'

/** Every check, in the order in which they are made: what others rest on first, what ends the source last. */
export const allChecks: readonly Check[] = [
  ...listing,
  ...idle,
  ...transfers,
  ...names,
  ...ending,
  ...failing,
  ...keepingOut,
  ...running,
]

/** Where one of these fails, nothing else can be said of a source. */
export const foundations = ['lists-every-session', 'keys-unique', 'keys-stable']
