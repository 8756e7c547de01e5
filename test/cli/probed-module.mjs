// An adapter of one's own, as `probe` is given its path.
const since = new Date(Date.now() - 200_000)
const hostile = 'a\x1b[2J\u202Egnp.exe\u009b\nb'

export default function adapter({ broken = false, ...options }) {
  if (options.color !== undefined) throw new TypeError('probed: no option of that name: color; expected broken.')
  let looks = 0
  return {
    name: 'probed',
    kind: 'ftp',
    evidence: 'log',
    endsBy: 'by a kick list.',
    warnings: () => [`1 session is left out: ${hostile}`],
    missingRights: async () => ['to read /var/log/ftp. Add the back office to the group adm.'],
    unread: () => ({ lines: 12, of: 340, samples: [`?? ${hostile}`] }),
    start(site, signal) {
      const timer = setInterval(() => site.changed(), 20)
      signal.addEventListener('abort', () => clearInterval(timer))
    },
    async list() {
      looks++
      if (broken) throw new Error('The log /var/log/ftp is not there. Is the server installed?')
      return [
        { key: '1', handle: { secret: true }, login: hostile, connectedAt: since, transferredBytes: 12_400_000, looks },
        { key: '2', login: 'x'.repeat(100), options },
      ]
    },
    end: async () => 'asked',
  }
}
