import { once } from 'node:events'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'

/** Who vouches for a server: nothing but this one certificate, an issuer of one's own, or whom Node trusts. */
export interface Trust {
  /** SHA-256 of the server's certificate, as openssl writes it: `'AB:CD:…'`. */
  fingerprint?: string
  /** Certificates of issuers, in PEM. */
  ca?: string
}

/**
 * A TLS connection to the server that is meant and to no other: nothing has been sent over it yet.
 *
 * @param isBackground whether the process may end while it is open
 * @throws an error that says which certificate was found; the signal's reason when it is aborted
 */
export async function trustedConnection(
  url: URL,
  { fingerprint, ca }: Trust,
  signal: AbortSignal,
  isBackground: boolean,
): Promise<TLSSocket> {
  signal.throwIfAborted()
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const socket = connect({
    ...{ host, port: Number(url.port || 443), servername: isIP(host) ? '' : host, ca },
    // It is judged here, below, before anything is sent: Node would not tell which certificate it refuses. Node's verdict
    // (`authorized`) is the same, also where NODE_TLS_REJECT_UNAUTHORIZED=0 would have it let everybody in.
    rejectUnauthorized: false,
  })
  if (isBackground) socket.unref()
  try {
    await once(socket, 'secureConnect', { signal })
    const found = socket.getPeerX509Certificate()?.fingerprint256 ?? 'none'
    if (fingerprint === undefined ? !socket.authorized : found !== fingerprint) {
      throw new Error(
        fingerprint === undefined
          ? `The certificate of ${url.origin} is not trusted (${String(socket.authorizationError)}). Nothing was sent. ` +
              `If it is Plesk's own, give the option fingerprint: '${found}', once you have compared it: ${compare}`
          : `The certificate of ${url.origin} is not the one that fingerprint says: expected ${fingerprint}, found ` +
              `${found}. Nothing was sent. If it was renewed, change fingerprint, once you have compared it: ${compare}`,
      )
    }
    return socket
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    throw error
  }
}

const compare =
  'on the Plesk server, openssl s_client -connect 127.0.0.1:8443 </dev/null | openssl x509 -noout -fingerprint -sha256.'
