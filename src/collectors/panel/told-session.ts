import { isPromise } from 'node:util/types'
import { type Field, panelFields } from '../../session-fields.js'
import type { ListedPanelSession } from '../../session-source.js'
import { ipOf } from '../../text/address.js'
import { messageOf } from '../../text/error-message.js'
import { lettingGo } from '../../timing/event-loop.js'
import type { Unread } from './left-out.js'
import { type LoggedIn, loginText } from './logged-in.js'

type Fields = Omit<ListedPanelSession, 'key' | 'handle'>

/** What the host's own function tells of a session that somebody is logged in to. What it leaves out is unknown. */
export interface ToldSession extends LoggedIn, Omit<Fields, 'login' | 'type'> {}

/** What a session shows, and why its login is not among it; null where nobody is logged in. */
export type Told = (Fields & { unread?: Unread }) | null

/** The host's own functions: who is logged in, and what is looked up for that. */
export interface Tellers<Data, Found> {
  session(data: Data, found: Found): unknown
  lookup?(all: Data[]): Found | Promise<Found>
}

/**
 * What the host's own functions tell of sessions, of all in order.
 *
 * @param of whose options they are, for messages: `'sessionFiles'`
 * @param option what tells who is logged in: `'session'`
 * @param all their data, and what stands where the host says nothing of a field
 * @throws where `lookup` fails: a list without logins would be none
 */
export async function tellAll<Data, Found>(
  of: string,
  option: string,
  { session, lookup }: Tellers<Data, Found>,
  all: { data: Data; otherwise?: Partial<Fields> }[],
): Promise<Told[]> {
  let found: Found
  try {
    found = (all.length > 0 ? await lookup?.(all.map(({ data }) => data)) : undefined) as Found
  } catch (error) {
    throw new Error(`The option lookup of ${of} failed: ${messageOf(error)}`, { cause: error })
  }
  return lettingGo(
    (function* () {
      const told: Told[] = []
      for (const { data, otherwise } of all) {
        told.push(toldBy(`${option} of ${of}`, () => session(data, found), otherwise))
        yield
      }
      return told
    })(),
  )
}

/**
 * What the host's own function tells of a session, checked: it may be wrong for one that nobody thought of.
 *
 * @param option whose answer it is, for messages: `'session of sessionFiles'`
 * @param tell gives a `ToldSession`, or null where nobody is logged in; may throw
 * @param otherwise what stands where it says nothing of a field
 */
function toldBy(option: string, tell: () => unknown, otherwise: Partial<Fields> = {}): Told {
  let answer: unknown
  try {
    answer = tell()
  } catch (error) {
    return unread(`The option ${option} threw: ${messageOf(error)}`, true)
  }
  if (answer === null || answer === undefined) return null
  if (isPromise(answer)) {
    // Nobody waits for it.
    answer.catch(() => {})
    return unread(`The option ${option} is async; what takes its time is for the option lookup.`, true)
  }
  if (typeof answer !== 'object') {
    return unread(`The option ${option} answered a ${typeof answer}; expected null, or an object with a login.`, true)
  }
  return checked(option, answer, otherwise)
}

function checked(option: string, answer: Partial<ToldSession>, otherwise: Partial<Fields>): Told {
  const fields: Record<string, unknown> = {}
  for (const [name, { is }] of entries) {
    const given: unknown = answer[name] === undefined ? otherwise[name] : answer[name]
    const value = name === 'login' || name === 'type' ? named(given) : valueOf(is, given)
    if (value === undefined) {
      return unread(`The option ${option} answered a ${name} that is ${kindOf(given)}; ${expected(is)}.`, true)
    }
    fields[name] = value
  }
  // What the engine completes is for the source to say or to leave out.
  if (fields.person === null) delete fields.person
  return answer.login === undefined
    ? { ...fields, unread: { why: `The option ${option} answered without a login.`, isBroken: false } }
    : fields
}

const entries = Object.entries(panelFields) as [keyof Fields, Field][]

const named = (given: unknown) => (given == null ? null : (loginText(given) ?? undefined))

/** The value as a row has it, null where it is unknown, undefined where it is none of this kind. */
function valueOf(is: Field['is'], given: unknown): unknown {
  if (given === null || given === undefined) return null
  if (is === 'time') return given instanceof Date && !Number.isNaN(given.getTime()) ? given : undefined
  if (typeof given !== 'string') return undefined
  return is === 'address' ? ipOf(given) : given === '' ? null : given
}

const expected = (is: Field['is']) =>
  is === 'time' ? 'expected a Date that is a time, or null' : 'expected a text, or null'
const kindOf = (value: unknown) => (value instanceof Date ? 'no time' : value === '' ? 'empty' : `a ${typeof value}`)

const unread = (why: string, isBroken: boolean): Told => ({ login: null, unread: { why, isBroken } })
