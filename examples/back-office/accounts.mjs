import { timingSafeEqual } from 'node:crypto'
import { passwordOf } from './installation.mjs'

/** Who may log in to the panel. */
export const panelAccounts = [
  { email: 'admin@example.com', role: 'admin', may: 'sees everything and may remove' },
  { email: 'reader@example.com', role: 'reader', may: 'sees everything' },
  { email: 'night@example.com', role: 'admin', theme: 'dark', may: 'the same as admin, in the dark' },
  { email: 'customer@example.com', role: 'customer', may: 'sees the sessions of shop.example.com' },
].map((account) => ({ ...account, password: passwordOf(account.email) }))

/** Who may log in by FTP. */
export const ftpAccounts = [
  { login: 'shop', type: 'domain-user', domain: 'shop.example.com' },
  { login: 'camera', type: 'web-user', domain: 'photos.example.com' },
  { login: 'press', type: 'subdomain-user', domain: 'press.example.com' },
].map((account) => ({ ...account, password: passwordOf(account.login) }))

/** What AdminJS keeps of an administrator, and shows to the page: so nothing secret. */
export function authenticate(email, password) {
  const account = panelAccounts.find((each) => each.email === email)
  return account && isSame(account.password, password) ? { email, role: account.role, theme: account.theme } : null
}

export const findFtpAccount = (login) => ftpAccounts.find((account) => account.login === login)

function isSame(expected, found) {
  const [a, b] = [expected, String(found)].map((text) => Buffer.from(text))
  return a.length === b.length && timingSafeEqual(a, b)
}
