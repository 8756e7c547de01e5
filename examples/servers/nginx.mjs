import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What an nginx of `nginxIn` prints when it listens. */
export const nginxReady = /getrlimit\(RLIMIT_NOFILE\)/

/**
 * The arguments of an nginx that keeps all it has in `directory`, and is one process: there is no worker that would go on
 * when that is killed.
 *
 * @param {string} directory
 * @param {string} blocks `server` and `upstream`
 */
export function nginxIn(directory, blocks) {
  const at = (name) => join(directory, name)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((each) => `${each}_temp_path ${at(each)};`)
  const config = `
    daemon off;
    master_process off;
    pid ${at('nginx.pid')};
    error_log stderr notice;
    events {}
    http {
      access_log off;
      ${temporary.join('\n')}
      ${blocks}
    }`
  writeFileSync(at('nginx.conf'), config)
  return ['-e', 'stderr', '-p', directory, '-c', at('nginx.conf')]
}
