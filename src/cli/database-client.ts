import { userInfo } from 'node:os'
import type { DatabaseAnswers } from '../ask-database.js'
import { messageOf } from '../text/error-message.js'
import { withTimeLimit } from '../timing/time-limit.js'
import { WrongUsage } from './arguments.js'
import { answersWithin, NotAnswered, type Answered, type Client } from './client.js'
import { optionsIn } from './options-in.js'

/** Asks the database of a configuration, in this process. Whoever can read that may do everything. */
export class DatabaseClient implements Client {
  private constructor(
    private readonly database: DatabaseAnswers,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param path of a module, as `collect` takes it
   * @param by who is on record; by default the user of the operating system
   * @throws WrongUsage where there is no such module, or where it has a wrong option; NotAnswered where its database can't
   *   be used
   */
  static async open(path: string, by: string | undefined, signal: AbortSignal): Promise<DatabaseClient> {
    if (by === '') throw new WrongUsage('Expected a name after --by: who is on record.')
    const options = await optionsIn(path)
    // Not before: probe needs no database.
    const { askDatabase } = await import('../ask-database.js')
    try {
      return new DatabaseClient(await askDatabase(options as Parameters<typeof askDatabase>[0], by ?? user()), signal)
    } catch (error) {
      if (error instanceof WrongUsage) throw error
      if (error instanceof TypeError) throw new WrongUsage(`${path}: ${error.message}`, { cause: error })
      throw notAnswered(error)
    }
  }

  get(path: string, query: Record<string, string> = {}): Promise<Answered> {
    return this.ask('get', path, { query })
  }

  post(path: string, body: object): Promise<Answered> {
    return this.ask('post', path, { body })
  }

  async *events(): ReturnType<Client['events']> {
    try {
      for await (const { event, data } of this.database.events(this.signal)) yield { event, data: data as Answered }
    } catch (error) {
      throw notAnswered(error)
    }
  }

  async close(): Promise<void> {
    // Of a server that does not answer nothing is waited for.
    await withTimeLimit(answersWithin, 'The end', this.signal, () => this.database.close()).catch(() => {})
  }

  private async ask(...[method, path, found]: Parameters<DatabaseAnswers['ask']>): Promise<Answered> {
    try {
      return (await withTimeLimit(answersWithin, 'The database’s answer', this.signal, () =>
        this.database.ask(method, path, found),
      )) as Answered
    } catch (error) {
      throw notAnswered(error)
    }
  }
}

function user(): string {
  try {
    return userInfo().username
  } catch (error) {
    throw new WrongUsage(`Who asks has no name on this system; give one with --by: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function notAnswered(error: unknown): NotAnswered {
  return new NotAnswered(messageOf(error), { cause: error })
}
