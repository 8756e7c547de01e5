import { describe, expect, test } from '@jest/globals'
import { checkSource, type ScenarioClient } from '../../../../src/testing/index.js'
import { patience } from '../../../until.js'
import { documentedSource, frameworks, openFramework } from './frameworks.js'
import { panelDatabases } from './panel-databases.js'

describe.each(panelDatabases)('$engine', ({ engine, missing, start }) => {
  ;(missing ? test.skip : test).each(frameworks)(
    'sessionTable keeps the contract, with the table of $name, as docs/session-tables.md has it',
    async (framework) => {
      const database = await start()
      try {
        const panel = await openFramework(framework, engine, database)
        const { name } = framework.table
        const connect = async (login: string): Promise<ScenarioClient> => {
          const row = await panel.logOn(login)
          let whose = login
          return {
            isConnected: async () => (await panel.rowOf(row)) !== undefined,
            act: () => panel.use(row, whose),
            disconnect: () => panel.logOut(row),
            become: (other) => panel.use(row, (whose = other)),
          }
        }
        const { notChecked } = await checkSource(
          documentedSource(framework, database.connection),
          {
            logins: ['alice', 'bob'],
            connect,
            async breakServer() {
              await database.run(`ALTER TABLE ${name} RENAME TO ${name}_away`)
              return async () => void (await database.run(`ALTER TABLE ${name}_away RENAME TO ${name}`))
            },
          },
          patience,
        )
        const others = notChecked.map(({ name }) => name).filter((name) => !/^(up|down)load-|^idle-/.test(name))
        // The names are the users' and no session's.
        expect(others).toEqual([
          'hostile-names',
          'end-refuses-where-it-cannot',
          'keep-out-keeps-out',
          'keep-out-lets-others-in',
          'keep-out-releases',
        ])
        // Django keeps no time of a session's use.
        const idle = notChecked.map(({ name }) => name).filter((name) => /^idle-/.test(name))
        expect(idle.length > 0).toBe(framework.name === 'Django')
      } finally {
        await database.stop()
      }
    },
  )
})
