import { watch } from 'node:fs/promises'
import { KeepOutFailed, ProgramFailed, RemovalRefused, runProgram } from 'adminjs-sessions/source'

/**
 * An adapter for exampled, an FTP server with a status command. Copy it, and change what is exampled's own.
 *
 * `exampledctl sessions` prints a line for each session, with tabs between the fields, `-` where there is nothing, and a
 * tab in a name as `\t`:
 *
 *     exampled 1
 *     17	2026-11-23T10:43:36Z	alice	192.0.2.7	idle	/pub	-	-	-	2026-11-23T10:44:01Z
 *     18	2026-11-23T10:43:51Z	carol	192.0.2.8	download	/	/big.bin	4194304	8388608	2026-11-23T10:44:09Z
 *     19	2026-11-23T10:44:08Z	-	192.0.2.9	login	-	-	-	-	2026-11-23T10:44:08Z
 *
 * `exampledctl end 17` ends one, and exits with 3 where there is none of that number. `exampledctl keep-out
 * login:carol ip:192.0.2.9` lets in everybody but these.
 *
 * @param {{ program?: string, runDirectory?: string }} options where its tool is, and the directory that it writes to
 * @returns {import('adminjs-sessions/source').FtpSource}
 */
export function exampled({ program = 'exampledctl', runDirectory = '/run/exampled' } = {}) {
  /** Runs its tool, without a shell and with a limit of output, in five seconds. */
  async function run(args, signal) {
    try {
      return await runProgram(program, args, signal, { timeout: 5_000 })
    } catch (error) {
      // Missing, not to be run, too slow, too much: its message says which.
      if (error instanceof ProgramFailed)
        throw new Error(`${error.message} Install exampled, or give its path as program.`, { cause: error })
      throw error
    }
  }

  async function list(signal) {
    const { code, stdout, stderr } = await run(['sessions'], signal)
    if (code !== 0)
      throw new Error(`${program} failed with exit code ${code}: ${stderr.trim() || 'it does not say why'}.`)
    const [head, ...lines] = stdout.split('\n')
    // A whole list begins with the version of its format and ends with a line break.
    if (head !== 'exampled 1' || lines.pop() !== '') {
      throw new Error(
        `${program} printed ${JSON.stringify(head.slice(0, 60))}, where a whole list of "exampled 1" was expected.`,
      )
    }
    return lines.map(toSession)
  }

  return {
    name: 'exampled',
    kind: 'ftp',
    evidence: 'live',
    list,

    async end(session, signal) {
      const now = (await list(signal)).find(({ key }) => key === session.key)
      if (!now) return 'already-gone'
      if (now.login !== session.login) {
        throw new RemovalRefused(`Session ${now.handle} is not ${session.login}'s any more.`)
      }
      const { code, stderr } = await run(['end', now.handle], signal)
      if (code === 3) return 'already-gone'
      if (code !== 0) throw new Error(`${program} could not end session ${now.handle}: ${stderr.trim()}`)
      return 'asked'
    },

    // Optional: a hint that something has changed, so that the page need not wait for the next poll.
    async start(site, signal) {
      try {
        for await (const _ of watch(runDirectory, { signal })) site.changed()
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },

    // Optional: it is given everybody who is to be kept out, each time that this changes.
    keepOut: {
      by: ['login', 'ip'],
      async apply(holds, signal) {
        // No program can be given a zero byte.
        const [sayable, unsayable] = [false, true].map((odd) =>
          holds.filter(({ value }) => value.includes('\0') === odd),
        )
        const { code, stderr } = await run(['keep-out', ...sayable.map(({ by, value }) => `${by}:${value}`)], signal)
        if (code !== 0) throw new Error(`${program} could not keep anybody out: ${stderr.trim()}`)
        if (unsayable.length > 0)
          throw new KeepOutFailed('exampled can be told of no name with a zero byte in it.', unsayable)
      },
    },

    // Optional: `npx adminjs-sessions probe` tells it.
    endsBy: 'by `exampledctl end`.',
  }
}

const STATUS = new Map([
  ['login', 'authenticating'],
  ['idle', 'idle'],
  ['upload', 'uploading'],
  ['download', 'downloading'],
])

function toSession(line, index) {
  const fields = line.split('\t').map((field) => (field === '-' ? null : unescaped(field)))
  const [id, since, login, ip, state, location, fileName, done, size, active] = fields
  if (fields.length !== 10 || !/^\d+$/.test(id) || !Date.parse(since)) {
    throw new Error(`Line ${index + 2} of exampledctl is not as expected: ${JSON.stringify(line.slice(0, 80))}.`)
  }
  return {
    // exampled counts from 1 after each start: only the time makes the number unique.
    key: `${id}@${since}`,
    handle: id,
    login,
    ip,
    status: STATUS.get(state) ?? null,
    location,
    fileName,
    transferredBytes: done && Number(done),
    totalBytes: size && Number(size),
    connectedAt: new Date(since),
    lastActiveAt: active && new Date(active),
    protocol: 'ftp',
  }
}

const unescaped = (field) => field.replace(/\\(.)/g, (_, character) => ({ t: '\t', n: '\n' })[character] ?? character)
