import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import '../../../fresh-dist.mjs'

const run = promisify(execFile)
const child = (name: string) => fileURLToPath(new URL(`${name}.child.mjs`, import.meta.url))
const NOBODY = 65_534
const env = { ...process.env, NODE_OPTIONS: '' }

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'session-files-rights-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** A session's file of an owner, as PHP makes it. */
function write(user: string, owner: number): void {
  const file = join(directory, `${user}.json`)
  writeFileSync(file, JSON.stringify({ user }), { mode: 0o600 })
  chownSync(file, owner, owner)
}

interface Said {
  missing: string[]
  logins?: string[]
  warnings?: string[]
  error?: string
  end?: string
}
async function asNobody(login = ''): Promise<Said> {
  const { stdout } = await run(process.execPath, [child('as-another'), directory, String(NOBODY), login], { env })
  return JSON.parse(stdout) as Said
}

;(process.getuid?.() === 0 ? describe : describe.skip)('not root', () => {
  test('a directory that may not be listed, as Debian has it for PHP, is an error that says what it needs', async () => {
    chmodSync(directory, 0o1733)
    write('alice', 0)
    const { error, missing } = await asNobody()
    expect(error).toContain(
      `The directory ${directory} can't be listed (EACCES) by user ${NOBODY}: it needs the rights r and x`,
    )
    expect(missing).toEqual([expect.stringContaining('the rights r and x')])
  })

  test('files that may not be read are told of; where it is all of them the list fails', async () => {
    chmodSync(directory, 0o755)
    write('alice', 0)
    const { error, missing } = await asNobody()
    expect(error).toMatch(/^None of the sessions .*what can't be read \(EACCES\).*may the back office read them\?/)
    expect(missing).toEqual([`No session can be ended by user ${NOBODY}: it needs the right w on ${directory}.`])
    write('bob', NOBODY)
    const { logins, warnings, end } = await asNobody('bob')
    expect(logins).toEqual(['bob'])
    expect(warnings).toEqual([expect.stringMatching(/^1 session can't be decoded and is left out.*EACCES/)])
    expect(end).toMatch(/^RemovalRefused: .*may not be removed .* by user 65534 \(EACCES\): it needs the right w/)
    expect(existsSync(join(directory, 'bob.json'))).toBe(true)
  })

  test('in a sticky directory only its own can be removed', async () => {
    chmodSync(directory, 0o1777)
    write('bob', NOBODY)
    const { missing, end } = await asNobody('bob')
    expect(missing).toEqual([
      expect.stringMatching(/is sticky: user 65534 can end only the sessions whose files are its own/),
    ])
    expect(end).toBe('asked')
    expect(existsSync(join(directory, 'bob.json'))).toBe(false)
    write('carol', 0)
    chmodSync(join(directory, 'carol.json'), 0o644)
    expect((await asNobody('carol')).end).toMatch(/^RemovalRefused: .*\(EPERM\).*sticky/)
    expect(existsSync(join(directory, 'carol.json'))).toBe(true)
  })

  test('in a directory of its own nothing is missing', async () => {
    chownSync(directory, NOBODY, NOBODY)
    write('bob', NOBODY)
    expect(await asNobody('bob')).toEqual({ missing: [], logins: ['bob'], warnings: [], end: 'asked' })
  })
})

/** A user namespace has limits of its own (user_namespaces(7), /proc/sys/user). */
const withoutInotify = [
  '--user',
  '--map-root-user',
  'sh',
  '-c',
  'echo 0 >/proc/sys/user/max_inotify_instances && exec "$0" "$@"',
]
const canLimit = await run('unshare', [...withoutInotify, 'true']).then(
  () => true,
  () => false,
)
;(canLimit ? describe : describe.skip)('no inotify left', () => {
  test('sessions are listed all the same, it is told why they show late, and no more once there is some', async () => {
    const { stdout } = await run('unshare', [...withoutInotify, process.execPath, child('unwatched'), directory], {
      env,
    })
    const { warnings, logins, hints } = JSON.parse(stdout) as { warnings: string[]; logins: string[]; hints: number }
    expect(warnings).toEqual([
      expect.stringMatching(
        /^Changes in .* are seen only at each look, as it can't be watched \(EMFILE\): raise fs\.inotify/,
      ),
    ])
    expect({ logins, hints }).toEqual({ logins: ['alice'], hints: 0 })
  })
})
