import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { renameSync } from 'node:fs'
import { proftpd } from '../../src/collectors/ftp/proftpd/proftpd.js'
import { checkSource } from '../../src/testing/index.js'
import { proftpdMissing, type ProftpdServer, startProftpd } from '../servers/proftpd.js'
import { patience } from '../until.js'
import { ftpScenario } from './ftp-scenario.js'

const describeReal = proftpdMissing ? describe.skip : describe
describeReal(`a real ProFTPD${proftpdMissing ? ` (${proftpdMissing})` : ''}`, () => {
  let server: ProftpdServer
  beforeAll(async () => {
    server = await startProftpd()
  })
  afterAll(() => server.stop())

  test('keeps the contract', async () => {
    const scenario = ftpScenario(server.port, ['alice', 'dave'], {
      async breakServer() {
        const away = `${server.scoreboard}.away`
        renameSync(server.scoreboard, away)
        return async () => renameSync(away, server.scoreboard)
      },
    })
    // Without `controls`: ftpdctl takes a second for each word, and so these checks a minute. Bans have tests of their own.
    const { notChecked } = await checkSource(proftpd({ scoreboard: server.scoreboard }), scenario, patience)
    expect(notChecked).toEqual([
      // ProFTPD does not let a session become another account's.
      { name: 'end-refuses-who-changed', because: "the scenario's clients have no `become`" },
      { name: 'end-refuses-where-it-cannot', because: 'the source can end sessions' },
      ...['keep-out-keeps-out', 'keep-out-lets-others-in', 'keep-out-releases'].map((name) => ({
        name,
        because: 'the source has no `keepOut`',
      })),
    ])
  })
})
