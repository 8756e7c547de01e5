import { isIP } from 'node:net'

/** One end of a TCP connection. */
export interface Endpoint {
  /** As `ipOf` gives it. */
  ip: string
  port: number
}

/**
 * An IP address as it is shown and compared: without brackets, without the scope of a link-local one, and an IPv4 address
 * that came over an IPv6 socket as IPv4 (RFC 4291, 2.5.5.2). Null where the text is no IP address.
 *
 * @example
 * ipOf('::ffff:192.0.2.1') // '192.0.2.1'
 * ipOf('[fe80::1]%eth0')   // 'fe80::1'
 */
export function ipOf(text: string | null | undefined): string | null {
  if (text == null) return null
  // By far the most common, and a log has one on each line.
  if (isIP(text) === 4) return text
  const ip = text
    .replace(/%[^\]]*/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '')
  return isIP(ip) === 0 ? null : ip
}

/** A TCP port, 1 to 65535, written in decimal; null where the text is none. */
export function portOf(text: string | undefined): number | null {
  const port = text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : null
}

/**
 * An address with a port, IPv6 in brackets: `127.0.0.1:21`, `[::1]:21`, `[::ffff:127.0.0.1]:21`, `[fe80::1]%eth0:21`. Null
 * where the text is none.
 */
export function endpointOf(text: string): Endpoint | null {
  const colon = text.lastIndexOf(':')
  const [ip, port] = [ipOf(text.slice(0, Math.max(colon, 0))), portOf(text.slice(colon + 1))]
  return ip === null || port === null ? null : { ip, port }
}

/** An endpoint as `endpointOf` reads it. */
export function endpointText({ ip, port }: Endpoint): string {
  return isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`
}
