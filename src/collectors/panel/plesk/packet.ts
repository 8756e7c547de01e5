import { decodeName } from '../../../text/decode-name.js'
import { eachElement } from './elements.js'

/** Why Plesk did not do what it was asked; the code is null where it gave none. */
export interface PleskError {
  code: number | null
  text: string
}

/**
 * Reads a packet of Plesk's, as `eachElement` does.
 *
 * @throws where it is no XML, or what `ended` throws; the signal's reason when it is aborted
 */
export async function readPacket(
  xml: readonly Buffer[],
  signal: AbortSignal,
  ended: (path: string, text: string) => void,
): Promise<void> {
  try {
    await eachElement(xml, signal, ended)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Unexpected) throw error
    throw new Error(
      `Plesk's answer begins with ${quoted(Buffer.concat(xml.slice(0, 60)).toString())}, where XML was expected (${(error as Error).message}): is it Plesk that ` +
        'listens there, and no other page before it?',
      { cause: error },
    )
  }
}

/** From an operation's `errcode` and `errtext`. */
export function errorOf(said: ReadonlyMap<string, string>): PleskError {
  const code = said.get('errcode') ?? ''
  return { code: /^\d{1,9}$/.test(code) ? Number(code) : null, text: said.get('errtext') ?? '' }
}

export class Unexpected extends Error {
  constructor(what: string) {
    super(`Plesk's answer is not as expected, as if this version had changed it: ${what}.`)
  }
}

export const quoted = (text: string) => JSON.stringify(decodeName(Buffer.from(text.slice(0, 60))))
