/** What a server answered: its status and its text, of at most 16 MiB. */
export interface Answer {
  status: number
  /** The content type, without parameters; '' where there is none. */
  type: string
  /** Where it redirects to; null where it does not. A redirect is not followed: it would take the key along to a stranger. */
  location: string | null
  text: string
}

const LONGEST = 16 << 20

/**
 * One HTTP request and its whole answer, whatever its status.
 *
 * @throws the signal's reason when it is aborted; an error that says why the server could not be heard
 */
export async function exchange(
  url: URL,
  init: { method: string; headers: Record<string, string> },
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal, redirect: 'manual' })
    const type = response.headers.get('content-type')?.split(';')[0]!.trim() ?? ''
    const location = response.headers.get('location')
    return { status: response.status, type, location, text: await textOf(response, url) }
  } catch (error) {
    signal.throwIfAborted()
    // fetch says no more than "fetch failed"; its cause says why.
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    throw cause ? new Error(unheard(url.origin, cause), { cause }) : error
  }
}

async function textOf(response: Response, url: URL): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > LONGEST) throw new Error(`${url.origin} answered with more than 16 MiB, which cannot be meant.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function unheard(origin: string, { code = '', message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `Nothing listens at ${origin}: is SFTPGo running, and is this the address of its web interface (httpd)?`
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name in ${origin} is not known to this machine: check the url.`
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
      return `${origin} broke off before its answer was complete: does SFTPGo listen there, and is it well?`
  }
  if (/CERT|SIGNED|ALTNAME|VERIFY/.test(code)) {
    return `The certificate of ${origin} is not trusted (${code}): let Node know who issued it, NODE_EXTRA_CA_CERTS=ca.pem.`
  }
  if (/SSL|EPROTO/.test(code)) return `${origin} does not speak TLS (${code}): is it http:// there?`
  if (/^HPE_/.test(code)) return `What listens at ${origin} does not speak HTTP (${code}): check the port.`
  return `${origin} cannot be reached: ${code || message}.`
}
