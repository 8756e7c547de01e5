import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sessionFiles } from '../../../../src/collectors/panel/session-files/session-files.js'
import { backOffice } from '../../../actions/back-office.js'
import { phpMissing, type PhpPanel, startPhpPanel } from '../../../servers/php.js'
import { until } from '../../../until.js'

;(phpMissing ? describe.skip : describe)(phpMissing ?? 'a panel in PHP', () => {
  let directory: string
  let holds: string
  let panel: PhpPanel
  let office: Awaited<ReturnType<typeof backOffice>>
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'php-sessions-'))
    holds = mkdtempSync(join(tmpdir(), 'php-holds-'))
    panel = await startPhpPanel(directory)
    const session = ({ user, ip }: { user?: string; ip: string }) =>
      user === undefined ? null : { login: user, type: 'reseller-or-customer', ip }
    office = await backOffice({ sources: [sessionFiles({ directory, decode: 'php', session })] })
  })
  afterAll(async () => {
    await office?.stop()
    await panel?.stop()
    for (const path of [directory, holds]) rmSync(path, { recursive: true })
  })

  test('its sessions are rows, and Remove ends one for good, whatever a running request writes', async () => {
    const [alice, bob] = [panel.browser(), panel.browser()]
    await alice.go('/login', { user: 'alice' })
    await bob.go('/login', { user: 'bob' })
    const admin = await office.login('admin@example.com')
    const row = await admin.row('PanelSession', 'alice')
    expect(row.params).toMatchObject({
      ...{ source: 'session-files', login: 'alice', type: 'reseller-or-customer', ip: '127.0.0.1' },
    })
    const list = await admin.list('PanelSession')
    expect(list.sessions.ownMissing).toBeNull()
    // Its id is as good as a password.
    expect(JSON.stringify(list)).not.toContain(alice.id)

    // A handler of the panel's own, that saves under the name of the session: not as PHP's does.
    const running = await alice.hold(holds, '/save-by-itself')
    const { removals } = await admin.remove('PanelSession', row.id)
    expect(removals).toMatchObject([{ outcome: 'ended' }])
    const file = join(directory, `sess_${alice.id}`)
    expect(existsSync(file)).toBe(false)
    expect(await running.release()).toBe('alice')
    await until('what it has saved is removed again', () => !existsSync(file))
    expect(await alice.go('/who')).toBe('nobody')
    expect(await bob.go('/who')).toBe('bob')
    const { records } = await admin.list('SessionRemoval')
    expect(records[0]!.params).toMatchObject({ source: 'session-files', login: 'alice', outcome: 'ended' })
    expect(JSON.stringify(records)).not.toContain(alice.id)
  })
})
