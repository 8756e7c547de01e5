/**
 * A uuid (version 4, RFC 9562 section 5.4) that names one asking for removals, so that asking again ends nothing twice.
 *
 * `crypto.randomUUID` exists only in secure contexts; a back office opened by plain http under a host name is none,
 * `crypto.getRandomValues` is there all the same.
 */
export function newBatch(
  source: Pick<Crypto, 'getRandomValues'> & Partial<Pick<Crypto, 'randomUUID'>> = crypto,
): string {
  if (source.randomUUID) return source.randomUUID()
  const bytes = source.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
