/** It was said no, or nobody could be asked; the words for it. */
export class NotAnswered extends Error {}

export type Answered = Record<string, unknown>

/** Who answers the commands, in the words of the HTTP API: a back office that has mounted it, or the database here. */
export interface Client {
  /** @throws NotAnswered */
  get(path: string, query?: Record<string, string>): Promise<Answered>
  /** @throws NotAnswered */
  post(path: string, body: object): Promise<Answered>
  /** What happens, as it happens, until the signal or the end of the stream. */
  events(): AsyncGenerator<{ event: string; data: Answered }>
  close(): Promise<void>
}

/** How long one answer may take, in ms. */
export const answersWithin = 30_000
const most = 500

/** All pages of a list, as they come. */
export async function* allOf(
  client: Client,
  path: string,
  field: string,
  query: Record<string, string>,
): AsyncGenerator<Answered & { rows: Answered[] }> {
  for (let cursor: string | null = null; ;) {
    const page: Answered = await client.get(path, { ...query, limit: String(most), ...(cursor !== null && { cursor }) })
    yield { ...page, rows: page[field] as Answered[] }
    cursor = page.next as string | null
    if (cursor === null) return
  }
}
