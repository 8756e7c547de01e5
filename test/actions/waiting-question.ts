/**
 * A question that waits for a change, and the answer whose tag and revision it has. It is asked again where something
 * else has changed just then, as a logon that is found a second time; not for ever.
 */
export async function waitingQuestion<Answer>(
  ask: (query: string) => Promise<Answer & { sessions: { tag: string; revision: string | null } }>,
) {
  for (let i = 0; i < 20; i++) {
    const first = await ask('')
    const later = ask(`known=${first.sessions.tag}&since=${first.sessions.revision}`)
    const waits = new Promise((resolve) => setTimeout(resolve, 300, 'waits'))
    if ((await Promise.race([later, waits])) === 'waits') return { first, later }
  }
  throw new Error('No question waits: each was answered within 300 ms.')
}
