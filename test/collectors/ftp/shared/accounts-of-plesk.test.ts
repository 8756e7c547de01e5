import { expect, test } from '@jest/globals'
import {
  accountsOf,
  domainsIn,
  type Operator,
  operatorsOfAccounts,
  operatorsOfWebUsers,
  toldIn,
} from '../../../../src/collectors/ftp/shared/accounts-of-plesk.js'
import { lettingGo } from '../../../../src/timing/event-loop.js'
import { pausesDuring } from '../../../turns.js'
import { failed, type Hosting, hostingAnswer, PASSWORD } from '../../panel/plesk/hosting-packets.js'

const { signal } = new AbortController()
const operators: Operator[] = ['webspace', 'site', 'subdomain', 'ftp-user']
const packetOf = (inside: string) => `<?xml version="1.0"?>\n<packet version="1.6.9.0">${inside}</packet>`
const bytes = (packet: string) => [Buffer.from(packet)]

type Failing = Record<string, readonly [number, string]>

async function toldOf(hosting: Partial<Hosting>, failing: Failing = {}) {
  const whole = { webspaces: [], sites: [], ftpUsers: [], webUsers: [], ...hosting }
  const answer = (asked: string) => packetOf(hostingAnswer(asked, whole, new Map(Object.entries(failing)))!)
  const { error, told } = await toldIn(bytes(answer(operatorsOfAccounts)), operators, signal)
  expect(error).toBeNull()
  const domains = domainsIn(told)
  if (domains.length > 0) {
    const users = await toldIn(bytes(answer(operatorsOfWebUsers(domains))), ['webuser'], signal)
    told.set('webuser', users.told.get('webuser')!)
  }
  return told
}
const accounts = async (hosting: Partial<Hosting>, failing?: Failing) =>
  Object.fromEntries(await lettingGo(accountsOf(await toldOf(hosting, failing))))

const webspaces = [
  { id: 1, name: 'example.com', login: 'mathias.collins' },
  { id: 2, name: 'example.org', login: 'olga' },
]

test('what is asked', () => {
  const hostings = '<filter/><dataset><gen_info/><hosting/></dataset>'
  expect(operatorsOfAccounts).toBe(
    `<webspace><get>${hostings}</get></webspace><site><get>${hostings}</get></site>` +
      '<subdomain><get><filter/></get></subdomain><ftp-user><get><filter/></get></ftp-user>',
  )
  expect(operatorsOfWebUsers(['a.example', '<b>&'])).toBe(
    '<webuser><get><filter><site-name>a.example</site-name><site-name>&lt;b&gt;&amp;</site-name></filter></get></webuser>',
  )
})

test("domain's, subdomain's, web user's and additional logins, each with its domain", async () => {
  const sites = [
    { id: 3, name: 'shop.example.com', login: 'shop', webspaceId: 1, parent: 'example.com' },
    { id: 4, name: 'example.net', login: 'nina', webspaceId: 1 },
  ]
  const ftpUsers = [{ name: 'photo1', webspaceId: 2 }]
  const webUsers = [
    { login: 'jenny', site: 'example.org' },
    { login: 'wanda', site: 'shop.example.com' },
  ]
  expect(await accounts({ webspaces, sites, ftpUsers, webUsers })).toEqual({
    'mathias.collins': { type: 'domain-user', domain: 'example.com' },
    olga: { type: 'domain-user', domain: 'example.org' },
    shop: { type: 'subdomain-user', domain: 'shop.example.com' },
    nina: { type: 'domain-user', domain: 'example.net' },
    photo1: { type: 'domain-user', domain: 'example.org' },
    jenny: { type: 'web-user', domain: 'example.org' },
    wanda: { type: 'web-user', domain: 'shop.example.com' },
  })
})

// As the page of Plesk's documentation has it, which asks for hosting alone.
const published = packetOf(`
  <site>
    <get>
      <result>
        <status>ok</status>
        <filter-id>4</filter-id>
        <id>4</id>
        <data>
          <gen_info>
            <name>sub.ppu12-5.demo.pp.plesk.ru</name>
            <ascii-name>sub.ppu12-5.demo.pp.plesk.ru</ascii-name>
            <webspace-id>1</webspace-id>
          </gen_info>
          <hosting>
            <vrt_hst>
              <property>
                <name>ftp_login</name>
                <value>mathias.collins</value>
              </property>
            </vrt_hst>
          </hosting>
        </data>
      </result>
    </get>
  </site>
  <ftp-user><get>
    <result><status>ok</status><filter-id>34</filter-id></result>
  </get></ftp-user>
  <subdomain>
    <get>
      <result>
        <status>ok</status>
        <id>4</id>
        <data><parent>ppu12-5.demo.pp.plesk.ru</parent><name>sub</name></data>
      </result>
    </get>
  </subdomain>
  <webspace>
    <get/>
  </webspace>`)

test('the packet of the documentation; a subdomain by its name below its parent; nothing of a kind', async () => {
  const { told } = await toldIn(bytes(published), operators, signal)
  expect(Object.fromEntries(await lettingGo(accountsOf(told)))).toEqual({
    'mathias.collins': { type: 'subdomain-user', domain: 'sub.ppu12-5.demo.pp.plesk.ru' },
  })
  expect([...told.values()].map(({ error }) => error)).toEqual([null, null, null, null])
})

test("a subdomain and a domain that have their subscription's own login change nothing of whose it is", async () => {
  const sites = [
    { id: 3, name: 'sub.example.com', login: 'mathias.collins', webspaceId: 1, parent: 'example.com' },
    { id: 4, name: 'example.net', login: 'mathias.collins', webspaceId: 1 },
  ]
  expect(await accounts({ webspaces, sites })).toMatchObject({
    'mathias.collins': { type: 'domain-user', domain: 'example.com' },
  })
})

test('a login in two places is not known', async () => {
  const ftpUsers = [
    { name: 'twice', webspaceId: 1 },
    { name: 'twice', webspaceId: 2 },
    { name: 'once', webspaceId: 1 },
    { name: 'thrice', webspaceId: 1 },
  ]
  const webUsers = [{ login: 'thrice', site: 'example.com' }]
  expect(Object.keys(await accounts({ webspaces, ftpUsers, webUsers }))).toEqual(['mathias.collins', 'olga', 'once'])
})

test('logins differ by their case', async () => {
  const ftpUsers = [
    { name: 'Alice', webspaceId: 1 },
    { name: 'alice', webspaceId: 2 },
  ]
  expect(await accounts({ webspaces, ftpUsers })).toMatchObject({
    Alice: { domain: 'example.com' },
    alice: { domain: 'example.org' },
  })
})

test('logins and domains that are anything, as a source shows them', async () => {
  const ftpUsers = ['<b>&amp;</b>', ']]>', '__proto__', 'Ünï🙂', 'a\nb', ' a ', 'x'.repeat(100_000)].map((name) => ({
    name,
    webspaceId: 1,
  }))
  const name = 'bücher.example<&>'
  const webUsers = [{ login: 'wanda', site: name }]
  const found = await lettingGo(
    accountsOf(await toldOf({ webspaces: [{ id: 1, name, login: 'b' }], ftpUsers, webUsers })),
  )
  const shown = ['b', ...ftpUsers.map((user) => user.name.replace('\n', '␊')), 'wanda']
  expect([...found.keys()]).toEqual(shown)
  expect(new Set([...found.values()].map(({ domain }) => domain))).toEqual(new Set([name]))
})

test('no password is kept', async () => {
  const told = await toldOf({
    webspaces,
    sites: [{ id: 3, name: 'example.net', login: 'nina', webspaceId: 1 }],
    ftpUsers: [{ name: 'photo1', webspaceId: 1 }],
  })
  const kept = [...told.values()].flatMap(({ things }) => things.flatMap((thing) => [...thing.values()]))
  expect(kept).toContain('nina')
  expect(kept).not.toContain(PASSWORD)
})

test.each(['webspace', 'subdomain'])('without its %ss nothing is said of a site', async (operator) => {
  const sites = [{ id: 3, name: 'shop.example.com', login: 'shop', webspaceId: 1, parent: 'example.com' }]
  const webUsers = [{ login: 'wanda', site: 'shop.example.com' }]
  const known = await accounts({ webspaces, sites, webUsers }, { [operator]: [1006, 'Permission denied'] })
  expect(known).toHaveProperty('wanda')
  expect(known).not.toHaveProperty('shop')
})

test('an account of a domain that was not told of is not known', async () => {
  expect(await accounts({ webspaces, ftpUsers: [{ name: 'photo1', webspaceId: 7 }] })).not.toHaveProperty('photo1')
})

test('a hosting without a login, and one without a name', async () => {
  expect(
    await accounts({
      webspaces: [
        { id: 1, name: 'example.com', login: '' },
        { id: 2, name: '', login: 'olga' },
      ],
    }),
  ).toEqual({})
})

test('one result that failed is an error of its operator, and the others are used', async () => {
  const one = '<result><status>ok</status><id>1</id><name>photo1</name><webspace-id>1</webspace-id></result>'
  const answer = (bad: string) =>
    `<webspace><get/></webspace><site><get/></site><subdomain><get/></subdomain><ftp-user><get>${bad}${one}</get></ftp-user>`
  const errorOf = async (bad: string) => {
    const { told } = await toldIn(bytes(packetOf(answer(bad))), operators, signal)
    expect(told.get('ftp-user')!.things).toHaveLength(1)
    return told.get('ftp-user')!.error
  }
  expect(await errorOf(`<result>${failed(1023, 'no\nway')}</result>`)).toEqual({ code: 1023, text: 'no\nway' })
  expect(await errorOf('<result><status>maybe</status></result>')).toEqual({ code: null, text: 'status maybe' })
  expect(await errorOf('<result></result>')).toEqual({ code: null, text: 'no status' })
  expect(await errorOf(`<result>${failed(1013, 'does not exist')}</result>`)).toBeNull()
})

test('the event loop can be let go between logins', async () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ id: i + 1, name: `example${i}.com`, login: `user${i}` }))
  const told = await toldOf({
    webspaces: many,
    sites: many.map((one) => ({ ...one, name: `of.${one.name}`, login: `of-${one.login}`, webspaceId: one.id })),
    ftpUsers: many.map(({ id }) => ({ name: `more${id}`, webspaceId: id })),
    webUsers: many.map(({ id, name }) => ({ login: `web${id}`, site: name })),
  })
  expect(await pausesDuring(() => lettingGo(accountsOf(told)))).toBeGreaterThanOrEqual(400)
})

test('an error before any operator, and a packet that lacks one', async () => {
  const { error } = await toldIn(bytes(packetOf(`<system>${failed(1014, 'Parser error')}</system>`)), operators, signal)
  expect(error).toEqual({ code: 1014, text: 'Parser error' })
  await expect(toldIn(bytes(packetOf('<webspace><get/></webspace>')), operators, signal)).rejects.toThrow(
    /is not as expected.*says nothing of site/,
  )
  await expect(toldIn(bytes('<html><body>Sign in</body></html>'), operators, signal)).rejects.toThrow(
    /is not as expected/,
  )
  await expect(toldIn(bytes('{"code": 0}'), operators, signal)).rejects.toThrow(/where XML was expected/)
})
