import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { postgresMissing, startPostgresWithTables, type Postgres } from '../servers/postgres.js'
import { backOffice } from './back-office.js'

type Office = Awaited<ReturnType<typeof backOffice>>

const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000)

describe.each(['SQLite', 'PostgreSQL'])('filters of a list, on %s', (engine) => {
  const testHere = engine === 'PostgreSQL' && postgresMissing ? test.skip : test
  let office: Office
  let postgres: Postgres | undefined
  let admin: Awaited<ReturnType<Office['login']>>
  beforeAll(async () => {
    if (engine === 'PostgreSQL') {
      if (postgresMissing) return
      postgres = await startPostgresWithTables()
    }
    office = await backOffice({
      pollEvery: 60_000,
      access: {
        remove: () => true,
        list: ({ currentAdmin }) => currentAdmin?.role === 'admin' || { login: ['shop', 'shopper'] },
      },
      ...(postgres && { database: { type: 'postgres', url: postgres.url } }),
    })
    admin = await office.login('admin@example.com')
    office.ftp.add('shop', { ip: '192.0.2.1', domain: 'shop.example.com', lastActiveAt: minutesAgo(90) })
    office.ftp.add('shopper', {
      ip: '192.0.2.10',
      status: 'uploading',
      fileName: 'SHOP 100%.zip',
      lastActiveAt: new Date(),
    })
    office.ftp.add('=odd', { ip: '198.51.100.1', lastActiveAt: minutesAgo(20) })
    await admin.row('FtpSession', 'shopper')
  })
  afterAll(async () => {
    await office?.stop()
    await postgres?.stop()
  })
  const found = async (query: string, who = admin) =>
    (await who.list('FtpSession', `${query}&sortBy=login&direction=asc`)).records.map(({ params }) => params.login)

  testHere.each([
    ['a part of a name', 'filters.login=shop', ['shop', 'shopper']],
    ['a name to the letter', 'filters.login==shop', ['shop']],
    ['no name by the letter', 'filters.login==SHOP', []],
    ['a name that begins like that itself', 'filters.login===odd', ['=odd']],
    ['an address to the letter', 'filters.ip==192.0.2.1', ['shop']],
    ['a person', 'filters.person==shopper', ['shopper']],
    ['a search, in logins and files', 'filters.search=shop', ['shop', 'shopper']],
    ['a search, in addresses', 'filters.search=198.51', ['=odd']],
    ['a search, in domains', 'filters.search=EXAMPLE.com', ['shop']],
    ['a search for what is a wildcard elsewhere', 'filters.search=%25', ['shopper']],
    ['a search and a filter of the same column', 'filters.search=shop&filters.login=per', ['shopper']],
    ['a search and a status', 'filters.search=shop&filters.status=uploading', ['shopper']],
    ['an empty search', 'filters.search=%20', ['=odd', 'shop', 'shopper']],
    ['idle for long', 'filters.idleFor=15', ['=odd', 'shop']],
    ['idle for longer', 'filters.idleFor=60', ['shop']],
    [
      'idle for long, and a time',
      `filters.idleFor=15&filters.lastActiveAt~~from=${minutesAgo(60).toISOString()}`,
      ['=odd'],
    ],
    ['mine, by FTP', 'filters.mine=yes', []],
  ])('%s', async (_, query, logins) => {
    expect(await found(query)).toEqual(logins)
  })

  testHere('mine, in the panel', async () => {
    await office.login('second@example.com')
    await admin.row('PanelSession', 'second@example.com')
    const { records } = await admin.list('PanelSession', 'filters.mine=yes')
    expect(records.map(({ params }) => params.login)).toEqual(['admin@example.com'])
  })

  testHere('none of them shows more than somebody may see', async () => {
    const reader = await office.login('reader@example.com')
    expect(await found('', reader)).toEqual(['shop', 'shopper'])
    expect(await found('filters.search=198.51', reader)).toEqual([])
    expect(await found('filters.login==%3Dodd', reader)).toEqual(['shop', 'shopper'])
    expect(await found('filters.search=shop&filters.login=x', reader)).toEqual(['shop', 'shopper'])
  })

  testHere.each([
    'filters.login=a&filters.login=b',
    'filters.constructor=x',
    'filters.__proto__=x',
    'filters.toString.name=x',
    'filters.login.deep.er=x',
    'filters=x',
    'filters.search=a&filters.search=b',
    'filters.idleFor=soon',
    'filters.idleFor=-1',
    'filters.login=%00',
    'filters.id=1&filters.id=2',
    'filters.lastActiveAt=yesterday',
    'filters.status=uploading&filters.status=idle',
  ])('what makes no sense is answered all the same: %s', async (query) => {
    for (const url of ['list?', 'removeAll?']) {
      const { status, body } = await admin.agent.get(`/admin/api/resources/FtpSession/actions/${url}${query}`)
      expect([status, (body as { records: object[] }).records]).toEqual([200, expect.any(Array)])
    }
  })
})
