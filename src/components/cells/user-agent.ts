/**
 * A user agent in a few words, for instance `Firefox 143 · Windows`; the string itself where it says nothing known.
 *
 * It is a label, no detection: an agent can call itself what it likes, so the full string belongs beside it.
 * The order matters: Edge, Opera and Samsung's browser name Chrome too, and Chrome names Safari.
 */
export function shortUserAgent(userAgent: string): string {
  if (!userAgent.startsWith('Mozilla/')) {
    const product = /^([\w.+-]{1,40})\/(\d[\w.]{0,15})/.exec(userAgent)
    return product ? `${product[1]} ${product[2]}` : userAgent
  }
  const browser = first(BROWSERS, userAgent)
  const system = first(SYSTEMS, userAgent)
  return [browser, system].filter(Boolean).join(' · ') || userAgent
}

type Rule = [pattern: RegExp, name: string]

const BROWSERS: Rule[] = [
  [/\b(?:Edg|EdgA|EdgiOS)\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\bSamsungBrowser\/(\d+)/, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[^ ]* (?:Mobile\/\w+ )?Safari\//, 'Safari'],
]

const SYSTEMS: Rule[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

function first(rules: Rule[], userAgent: string): string | undefined {
  for (const [pattern, name] of rules) {
    const found = pattern.exec(userAgent)
    if (found) return found[1] ? `${name} ${found[1]}` : name
  }
  return undefined
}
