/**
 * A name that a client chose, as text: a login, a directory, a file, read from a server's memory or from /proc.
 *
 * Unix names are bytes. Valid UTF-8 is read as UTF-8. What is not is read byte for byte as ISO 8859-1, so that nothing
 * of it is lost and two different names stay two. Control characters become their pictures (`␀`, `␛`, `␡`), or U+FFFD
 * where Unicode has none: a name can neither break a line nor drive a terminal, and PostgreSQL takes it. So it is for one
 * name: line breaks between several would become pictures as well.
 *
 * @param bytes the name without its terminating NUL
 * @param cut whether it filled its field and may have been cut off, also in the middle of a character
 * @example
 * decodeName(Buffer.from('Загрузка'))         // 'Загрузка'
 * decodeName(Buffer.from([0x63, 0x61, 0xe9])) // 'caé'
 */
export function decodeName(bytes: Buffer, cut = false): string {
  return decodePart(bytes, 0, bytes.length, cut)
}

/** `decodeName` for a name that stands at `from` to `to` of something larger. */
export function decodePart(bytes: Buffer, from: number, to: number, cut: boolean): string {
  const latin1 = bytes.toString('latin1', from, to)
  if (isPlain(latin1)) return latin1
  return (utf8(bytes.subarray(from, to), cut) ?? latin1).replace(controls, pictureOf)
}

/** Is a text, decoded as ISO 8859-1, printable ASCII and nothing else? Then it is as it should be. */
export const isPlain = (latin1: string): boolean => plain.test(latin1)

const plain = /^[ -~]*$/

function utf8(bytes: Buffer, cut: boolean): string | null {
  try {
    // With `stream`, an unfinished character at the end is kept back and not an error.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut })
  } catch {
    return null
  }
}

// eslint-disable-next-line no-control-regex -- these are what it is about
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

function pictureOf(control: string): string {
  const code = control.charCodeAt(0)
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd'
}
