/** What an error says, without the ids of sessions: stores put them into file names and queries, and those into their errors. */
export function messageWithout(ids: Iterable<string>, error: unknown): string {
  let message = error instanceof Error ? error.message : String(error)
  // The longer ones first: one may begin with another.
  const found = [...ids].filter((id) => id !== '' && message.includes(id)).sort((a, b) => b.length - a.length)
  for (const id of found) message = message.replaceAll(id, '(session id)')
  return message
}
