/** By which a page learns that an admin has ended the session that its person came with: a JSON array of sentences. */
export const endedCookie = 'adminjs-sessions-ended'

/** The sentences of that cookie, out of all cookies of a page; none where there is no such cookie. */
export function endedSentences(cookies: string): string[] {
  const [, value] = new RegExp(`(?:^|; )${endedCookie}=([^;]*)`).exec(cookies) ?? []
  if (value === undefined) return []
  try {
    const sentences: unknown = JSON.parse(decodeURIComponent(value))
    return Array.isArray(sentences) ? sentences.filter((one): one is string => typeof one === 'string') : []
  } catch {
    return []
  }
}
