/*
 * What Plesk answers of hostings and their logins, in the packets that its documentation has, and its schemas
 * (https://github.com/plesk/api-schemas): see src/collectors/ftp/shared/accounts-of-plesk.ts for the pages.
 */

export interface Hosting {
  /** Subscriptions, each with its main domain. */
  webspaces: { id: number; name: string; login: string }[]
  /** Additional domains and, with a parent, subdomains. */
  sites: { id: number; name: string; login: string; webspaceId: number; parent?: string }[]
  ftpUsers: { name: string; webspaceId: number }[]
  /** Null in Obsidian, which does not know that operator. */
  webUsers: { login: string; site: string }[] | null
}

export const PASSWORD = 'ftp-pässword-of-a-customer'

/** Answers operators on hostings; undefined where there are others in the packet. `failing`: operators that are refused. */
export function hostingAnswer(
  operators: string,
  hosting: Hosting,
  failing: ReadonlyMap<string, readonly [code: number, text: string]>,
): string | undefined {
  const asked = [...operators.matchAll(/<(webspace|site|subdomain|ftp-user|webuser)><get>(.*?)<\/get><\/\1>/g)]
  if (asked.length === 0 || asked.map(([whole]) => whole).join('') !== operators) return undefined
  if (hosting.webUsers === null && asked.some(([, operator]) => operator === 'webuser')) return undefined
  const answers = asked.map(([, operator, inside]) => {
    const error = failing.get(operator!)
    const results = error ? [failed(...error)] : resultsOf(operator!, inside!, hosting)
    return `\n<${operator}><get>${results.map((result) => `\n<result>${result}</result>`).join('')}</get></${operator}>`
  })
  return answers.some((answer) => answer.includes('not allowed')) ? undefined : answers.join('')
}

function resultsOf(operator: string, inside: string, { webspaces, sites, ftpUsers, webUsers }: Hosting): string[] {
  const hostings = '<filter/><dataset><gen_info/><hosting/></dataset>'
  if (operator === 'webspace' && inside === hostings) {
    return webspaces.map((one) => ok(one.id, one.id, `<data>${hostingOf(one)}</data>`))
  }
  if (operator === 'site' && inside === hostings) {
    const belongs = (id: number) => `<webspace-id>${id}</webspace-id><description/>`
    return sites.map((one) => ok(one.id, one.id, `<data>${hostingOf(one, belongs(one.webspaceId))}</data>`))
  }
  if (operator === 'subdomain' && inside === '<filter/>') {
    const property = '<property><name>www_root</name><value>/sub</value></property>'
    return sites
      .filter(({ parent }) => parent !== undefined)
      .map(({ id, name, parent }) =>
        ok(name, id, `<data>${element('parent', parent!)}${element('name', name)}${property}</data>`),
      )
  }
  if (operator === 'ftp-user' && inside === '<filter/>') {
    return ftpUsers.map(({ name, webspaceId }, i) =>
      ok(i, i, `${element('name', name)}<home></home><quota>-1</quota><webspace-id>${webspaceId}</webspace-id>`),
    )
  }
  const filter = /^<filter>((?:<site-name>[^<]+<\/site-name>)+)<\/filter>$/.exec(inside)?.[1]
  if (operator === 'webuser' && filter !== undefined) {
    const asked = [...filter.matchAll(/<site-name>([^<]+)</g)].map(([, name]) => unescaped(name!))
    return asked.flatMap((site, i) => {
      const users = webUsers!.filter((user) => user.site === site)
      if (users.length === 0) return i % 2 === 0 ? `<status>ok</status>${element('filter-id', site)}` : notThere(site)
      return users.map(({ login }, id) => ok(site, id, `${element('login', login)}<ftp-quota>-1</ftp-quota>`))
    })
  }
  return ['not allowed']
}

const ok = (filter: string | number, id: number, rest: string) =>
  `<status>ok</status>${element('filter-id', String(filter))}<id>${id}</id>${rest}`
const notThere = (site: string) => `${failed(1013, 'webuser does not exist')}${element('filter-id', site)}`
export const failed = (code: number, text: string) =>
  `<status>error</status><errcode>${code}</errcode>${element('errtext', text)}`

const hostingOf = ({ name, login }: { name: string; login: string }, rest = '') => `
  <gen_info><cr_date>2015-12-04</cr_date>${element('name', name)}<ascii-name>ascii.example.com</ascii-name>
    <status>0</status><dns_ip_address>192.0.2.1</dns_ip_address><htype>vrt_hst</htype>${rest}</gen_info>
  <hosting><vrt_hst>
    ${property('ftp_login', login)}
    ${property('ftp_password', PASSWORD)}
    ${property('ftp_password_type', 'plain')}
    ${property('ssl', 'false')}
    ${property('www_root', '/var/www/vhosts/example.com/httpdocs')}
    <ip_address>192.0.2.1</ip_address></vrt_hst></hosting>`
const property = (name: string, value: string) => `<property><name>${name}</name>${element('value', value)}</property>`
const element = (name: string, text: string) => `<${name}>${escaped(text)}</${name}>`

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
const unescaped = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
