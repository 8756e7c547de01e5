import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { LogSource } from '../../../../src/collectors/ftp/log/log-server.js'
import type { Scenario } from '../../../../src/testing/index.js'
import { keepsTheContract } from '../keeps-the-contract.js'

/**
 * Stands in for a server: writes what it would log of its sessions. None of those that are read by their logs runs on the
 * machines of these tests.
 */
export interface LogStandIn {
  log: string
  source: LogSource
  /** Logs who comes, and gives the server's name for that session. */
  enter(login: string): string
  /** What it logs, in the server's own lines. */
  act(id: string): void
  leave(id: string): void
  isThere(id: string): boolean
}

/** Who is there, by the server's name for each. */
export class Sessions<About> {
  private readonly open = new Map<string, About>()

  add(id: string, about: About): string {
    this.open.set(id, about)
    return id
  }
  of = (id: string): About | undefined => this.open.get(id)
  all = (): [string, About][] => [...this.open]
  /** Whether it was there. */
  remove = (id: string): boolean => this.open.delete(id)
}

/** @param make makes the server and its source, with its log in this directory */
export function logKeepsTheContract<Adapter>(
  name: string,
  title: string,
  make: (adapter: Adapter, directory: string) => LogStandIn,
): void {
  keepsTheContract<Adapter>(name, `${title}, by what it would log,`, {
    // Clients come, do something and leave: no more of them is written.
    lacks: ['upload', 'download', 'useName', 'become', 'keepOut'],
    async start(adapter) {
      const [directory, elsewhere] = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'log-contract-'))) as [string, string]
      const server = make(adapter, directory)
      const scenario: Scenario = {
        logins: ['ann', 'bob'],
        async connect(login) {
          const id = server.enter(login)
          return {
            isConnected: async () => server.isThere(id),
            act: async () => server.act(id),
            disconnect: async () => void server.leave(id),
          }
        },
        async breakServer() {
          // Out of its directory: under another name beside it, it would be a log that was rotated.
          const away = join(elsewhere, basename(server.log))
          renameSync(server.log, away)
          return async () => renameSync(away, server.log)
        },
      }
      const stop = async () => [directory, elsewhere].forEach((each) => rmSync(each, { recursive: true }))
      return { source: server.source, scenario, stop }
    },
  })
}
