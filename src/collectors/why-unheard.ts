/**
 * Why a server could not be heard over HTTP, and what to check, from what the attempt failed with.
 *
 * @param origin where it was looked for: `https://plesk.example.com:8443`
 * @param server what was looked for there: `'Plesk'`
 */
export function whyUnheard(origin: string, server: string, { code = '', message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${origin}: is ${server} running, and is this the address of its web interface?`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name in ${origin} is not known to this machine: check the url.`
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return `${origin} broke off before its answer was complete: does ${server} listen there, and is it well?`
  }
  if (/SSL|EPROTO/.test(code)) return `${origin} does not speak TLS (${code}): is it http:// there?`
  // Node 24 has no code for it.
  if (/^HPE_/.test(code) || /does not match the HTTP/.test(message)) {
    return `What listens at ${origin} does not speak HTTP (${code || message}): check the port.`
  }
  return `${origin} cannot be reached: ${code || message}.`
}
