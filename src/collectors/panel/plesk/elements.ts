import { StringDecoder } from 'node:string_decoder'
import sax from 'sax'
import { inSlices } from '../../../timing/event-loop.js'

/** Plesk's own packets are six deep. */
const deepest = 16

/**
 * Reads XML that comes from outside, and tells of each element when it ends. Nothing is kept, nothing declared in the
 * text is expanded, and no file is opened: there is no DOCTYPE in what Plesk sends, so one is refused.
 *
 * @param pieces its bytes as they came: to make 32 MiB one text takes 0.1 s, in which nothing else is done. The event loop
 *   is let go between them
 * @param ended gets the names from the root on (`/packet/session/get`) and the element's own text
 * @throws where it is not well-formed, with a message that repeats nothing of it; the signal's reason when it is aborted
 */
export async function eachElement(
  pieces: readonly Buffer[],
  signal: AbortSignal,
  ended: (path: string, text: string) => void,
): Promise<void> {
  const open: { path: string; text: string }[] = []
  let isEmpty = true
  const parser = sax.parser(true)
  parser.onerror = ({ message }) => {
    // Where it is stands in further lines, and in some versions what it is as well.
    throw new Error(message.split('\n')[0])
  }
  parser.ondoctype = () => {
    throw new Error('a DOCTYPE is in it')
  }
  parser.onopentag = ({ name }) => {
    isEmpty = false
    if (open.length === deepest) throw new Error(`elements are in each other, more than ${deepest} deep`)
    open.push({ path: `${open.at(-1)?.path ?? ''}/${name}`, text: '' })
  }
  parser.ontext = parser.oncdata = (text) => {
    const current = open.at(-1)
    if (current) current.text += text
  }
  parser.onclosetag = () => {
    const { path, text } = open.pop()!
    ended(path, text)
  }
  const decoder = new StringDecoder('utf8')
  await inSlices(pieces, signal, (piece) => parser.write(decoder.write(piece)))
  parser.write(decoder.end()).close()
  if (isEmpty) throw new Error('no element is in it')
}
