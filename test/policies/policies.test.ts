import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FtpSource } from '../../src/session-source.js'
import { endIdle } from '../../src/policies/end-idle.js'
import { mostSessions } from '../../src/policies/most-sessions.js'
import type { Policy } from '../../src/policies/policy.js'
import { quietHours } from '../../src/policies/quiet-hours.js'
import { backOffice } from '../actions/back-office.js'
import { until } from '../until.js'

let office: Awaited<ReturnType<typeof backOffice>> | undefined
let said: jest.SpiedFunction<typeof console.error>
beforeEach(() => {
  said = jest.spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(async () => {
  jest.restoreAllMocks()
  await office?.stop()
  office = undefined
})

async function officeWith(policies: Policy[], over: Partial<FtpSource> = {}) {
  office = await backOffice({ policies, pollEvery: 300 }, over)
  const { ftp, login } = office
  const admin = await login('admin@example.com')
  return {
    ftp,
    admin,
    living: () => [...ftp.sessions.keys()].sort(),
    removals: async (query = '') =>
      (await admin.list('SessionRemoval', `perPage=100&${query}`)).records.map(({ params }) => params),
  }
}

const hourAgo = () => new Date(Date.now() - 3600_000)
describe('endIdle', () => {
  test('who is idle for so long is ended, and on record; who is not, who is excepted, of whom nobody knows and who moves a file stays', async () => {
    const { ftp, living, removals } = await officeWith([
      endIdle({ kind: 'ftp', minutes: 30, tryFor: 0, except: ({ login }) => login === 'root', tellReason: true }),
    ])
    ftp.add('fresh', { lastActiveAt: new Date() })
    ftp.add('root', { lastActiveAt: hourAgo() })
    ftp.add('unknown', { lastActiveAt: null })
    ftp.add('moving', { lastActiveAt: hourAgo(), status: 'uploading' })
    ftp.add('idle', { lastActiveAt: hourAgo() })
    await until('the end of who is idle', () => !ftp.sessions.has('idle'))
    const recorded = await until('its outcome', async () => {
      const found = await removals('filters.outcome=ended')
      return found.length > 0 && found
    })
    expect(recorded).toHaveLength(1)
    expect(recorded[0]).toMatchObject({
      login: 'idle',
      removedVia: 'policy',
      removedBy: 'idle (ftp)',
      reasonTold: true,
    })
    expect(recorded[0]!.reason).toBe('nothing was done for 30 minutes')
    ftp.add('second', { lastActiveAt: hourAgo() })
    await until('the end of the second', () => !ftp.sessions.has('second'))
    expect(living()).toEqual(['fresh', 'moving', 'root', 'unknown'])
  })

  test('by rows of a source that can’t be read nobody is idle', async () => {
    let failing = false
    let looks = 0
    const policy = endIdle({
      ...{ kind: 'ftp', minutes: 30, tryFor: 0 },
      except: () => {
        looks += failing ? 1 : 0
        return !failing
      },
    })
    const { ftp, removals, admin } = await officeWith([policy], {
      list: async () => {
        if (failing) throw new Error('away')
        return [...ftp.sessions.values()].map((one) => ({ ...one }))
      },
    })
    ftp.add('alice', { lastActiveAt: hourAgo() })
    await admin.row('FtpSession', 'alice')
    failing = true
    // Whoever logs on to the panel has policies looked at. The second look begins when the first is over.
    for (const n of [1, 2]) {
      await until(`look ${n}`, async () => {
        await office!.login('second@example.com')
        return looks >= n
      })
    }
    expect(await removals()).toEqual([])
    expect(ftp.ended).toEqual([])
  })
})

test('by a clock that was just set forward nobody is idle', async () => {
  const { ftp, living } = await officeWith([
    endIdle({ kind: 'ftp', minutes: 30, tryFor: 0 }),
    mostSessions({ kind: 'ftp', atMost: 1, end: 'newest', tryFor: 0 }),
  ])
  ftp.add('fresh', { lastActiveAt: new Date() })
  ftp.add('bob1', { login: 'bob', connectedAt: new Date(1000), lastActiveAt: new Date() })
  ftp.add('bob2', { login: 'bob', connectedAt: new Date(2000), lastActiveAt: new Date() })
  await until('a look', () => !ftp.sessions.has('bob2'))
  const now = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => now() + 2 * 3600_000)
  ftp.add('bob3', { login: 'bob', connectedAt: new Date(3000), lastActiveAt: new Date() })
  await until('a look after it', () => !ftp.sessions.has('bob3'))
  expect(living()).toEqual(['bob1', 'fresh'])
})

describe('a policy is tried first', () => {
  test('it says of each session once what it would have ended, ends nothing, and is in force afterwards', async () => {
    const { ftp, removals, living } = await officeWith([
      // 3.6 s
      endIdle({ kind: 'ftp', minutes: 30, tryFor: 0.001 }),
    ])
    ftp.add('idle', { lastActiveAt: hourAgo() })
    const tried = await until('its word', async () => {
      const found = await removals('filters.outcome=tried')
      return found.length > 0 && found
    })
    expect(living()).toEqual(['idle'])
    expect(tried).toHaveLength(1)
    expect(tried[0]).toMatchObject({ login: 'idle', removedVia: 'policy', removedBy: 'idle (ftp)', outcome: 'tried' })
    expect(tried[0]!.message).toBe('The policy is only tried: it would have ended this session.')
    expect(said.mock.calls.flat().join()).toMatch(/the policy "idle \(ftp\)" is tried until .* it ends nothing/)

    // Whatever opens has it looked at again.
    let n = 0
    await until('the end of its trial', () => {
      ftp.add(`another ${n++}`, { lastActiveAt: new Date() })
      return !ftp.sessions.has('idle')
    })
    const all = await until('its outcome', async () => {
      const found = await removals()
      return found.some(({ outcome }) => outcome === 'ended') && found
    })
    expect(all.map(({ outcome }) => outcome).sort()).toEqual(['ended', 'tried'])
  })
})

test('a policy that was changed is tried anew, and goes on being tried over a restart where it was not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'adminjs-sessions-policies-'))
  const database = { type: 'sqlite', database: join(directory, 'sessions.sqlite') } as const
  const tried = async (minutes: number) => {
    office = await backOffice({
      database,
      pollEvery: 300,
      policies: [endIdle({ kind: 'ftp', minutes, source: 'fake-ftp' })],
    })
    office.ftp.add('idle', { lastActiveAt: hourAgo() })
    office.ftp.add('carol')
    const admin = await office.login('admin@example.com')
    await admin.row('PanelSession', 'admin@example.com')
    return { removals: async () => (await admin.list('SessionRemoval')).records.map(({ params }) => params) }
  }
  const first = await tried(30)
  const [one] = await until('its word', async () =>
    (await first.removals()).length > 0 ? first.removals() : undefined,
  )
  await office!.stop()
  await tried(30)
  const begun = () => said.mock.calls.filter(([message]) => String(message).includes('is tried until')).length
  expect(begun()).toBe(1)
  await office!.stop()
  const changed = await tried(31)
  const both = await until('its word again', async () => {
    const found = await changed.removals()
    return found.length > 1 && found
  })
  expect(begun()).toBe(2)
  expect(new Set(both.map(({ batch }) => batch)).size).toBe(2)
  expect(both.map(({ recordId }) => recordId)).toEqual([one!.recordId, one!.recordId])
  await office!.stop()
  await rm(directory, { recursive: true })
})

describe('mostSessions', () => {
  const three = (login: string) =>
    [1, 2, 3].map((n) => [`${login}${n}`, { login, connectedAt: new Date(n * 1000) }] as const)

  test.each([
    ['newest', ['bob1', 'bob2']],
    ['oldest', ['bob2', 'bob3']],
  ] as const)('of three, with two allowed, the %s ends; anonymous ones and others stay', async (end, left) => {
    const { ftp, living } = await officeWith([mostSessions({ kind: 'ftp', atMost: 2, end, tryFor: 0 })])
    for (const [key, fields] of three('anonymous')) ftp.add(key, fields)
    for (const [key, fields] of three('guest')) ftp.add(key, { ...fields, type: 'anonymous' })
    for (const [key, fields] of three(`bob`)) ftp.add(key, fields)
    ftp.add('carol')
    await until('the end of one', () => ftp.ended.length > 0)
    const others = [...three('anonymous'), ...three('guest')].map(([key]) => key)
    expect(living()).toEqual([...others, ...left, 'carol'].sort())
    expect(ftp.ended).toHaveLength(1)
  })

  test('of a person with several logins; those left alone are not counted', async () => {
    office = await backOffice({
      pollEvery: 300,
      person: ({ login }) => login!.split('_')[0]!,
      policies: [
        mostSessions({
          kind: 'ftp',
          atMost: 1,
          of: 'person',
          end: 'newest',
          tryFor: 0,
          except: ({ ip }) => ip === '::1',
        }),
      ],
    })
    const { ftp } = office
    ftp.add('shop_a', { connectedAt: new Date(3000) })
    ftp.add('shop_b', { connectedAt: new Date(2000) })
    ftp.add('shop_c', { connectedAt: new Date(1000), ip: '::1' })
    ftp.add('other_a', { connectedAt: new Date(3000) })
    ftp.add('other_c', { connectedAt: new Date(1000), ip: '::1' })
    await until('the end of one', () => ftp.ended.length > 0)
    expect(ftp.ended).toEqual(['shop_a'])
  })

  test('an end that does not come about is not asked for again and again', async () => {
    const { ftp, removals } = await officeWith([mostSessions({ kind: 'ftp', atMost: 1, end: 'oldest', tryFor: 0 })], {
      end: async ({ key }) => {
        ftp.ended.push(key)
        throw new Error('not today')
      },
    })
    ftp.add('bob1', { login: 'bob', connectedAt: new Date(1000) })
    ftp.add('bob2', { login: 'bob', connectedAt: new Date(2000) })
    await until('the failure', async () => (await removals('filters.outcome=failed')).length > 0)
    // The next to open has it looked at again.
    ftp.add('carol1', { login: 'carol', connectedAt: new Date(1000) })
    ftp.add('carol2', { login: 'carol', connectedAt: new Date(2000) })
    await until('the failure of the next', async () => (await removals('filters.outcome=failed')).length > 1)
    expect((await removals()).map(({ login }) => login).sort()).toEqual(['bob', 'carol'])
  })
})

test('quietHours: what opens in them ends, a file that is moved is waited for', async () => {
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16)
  const { ftp, removals, living } = await officeWith([
    quietHours({
      kind: 'ftp',
      from: at(-60),
      to: at(60),
      timeZone: 'UTC',
      tryFor: 0,
      except: ({ login }) => login === 'backup',
    }),
  ])
  ftp.add('backup')
  ftp.add('night')
  ftp.add('upload', { status: 'uploading' })
  await until('the end', () => ftp.ended.includes('night'))
  expect(living()).toEqual(['backup', 'upload'])
  await until('the record of the upload', async () => (await removals('filters.outcome=pending')).length === 1)
  ftp.add('upload', { status: 'idle' })
  await until('its end', () => ftp.ended.includes('upload'))
  expect(living()).toEqual(['backup'])
})

test('panel sessions, too: one that is idle ends at its next request, whoever it is but those excepted', async () => {
  office = await backOffice({
    pollEvery: 300,
    policies: [
      mostSessions({
        kind: 'panel',
        atMost: 1,
        end: 'oldest',
        tryFor: 0,
        except: ({ login }) => login === 'second@example.com',
      }),
    ],
  })
  const first = await office.login('admin@example.com')
  const second = await office.login('second@example.com')
  const third = await office.login('second@example.com')
  const again = await office.login('admin@example.com')
  await until('the end of the first', async () => {
    const { status } = await first.agent.get('/admin/api/resources/FtpSession/actions/list')
    return status === 302
  })
  for (const { list } of [second, third, again]) await list('FtpSession')
})

test('one that throws ends nothing, is said once, and keeps no other from its work', async () => {
  const { ftp } = await officeWith([
    endIdle({
      ...{ kind: 'ftp', minutes: 1, tryFor: 0, name: 'broken' },
      except: () => {
        throw new Error('of the host')
      },
    }),
    endIdle({ kind: 'ftp', minutes: 1, tryFor: 0, name: 'well', except: ({ login }) => login !== 'idle' }),
  ])
  ftp.add('kept', { lastActiveAt: hourAgo() })
  ftp.add('idle', { lastActiveAt: hourAgo() })
  await until('the work of the other', () => ftp.ended.includes('idle'))
  expect(ftp.ended).toEqual(['idle'])
  const complaints = said.mock.calls.flat().filter((message) => String(message).includes('could not be carried out'))
  expect(complaints).toEqual([expect.stringContaining('the policy "broken" could not be carried out: of the host')])
})
