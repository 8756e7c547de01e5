import { expect, test } from '@jest/globals'
import '../../fresh-dist.mjs'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'

;(isRoot ? test : test.skip)(
  'root without CAP_SYS_PTRACE, as in a container, is not told that another user’s process has no file open',
  async () => {
    const other = spawn('sleep', ['120'], { uid: 65534, gid: 65534, stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      await once(other, 'spawn')
      const proc = new URL('../../../dist/collectors/ftp/os/proc.js', import.meta.url).href
      const look = `import(${JSON.stringify(proc)}).then(({ openFilesOf }) => console.log(JSON.stringify(openFilesOf(${other.pid}))))`
      const { stdout } = await promisify(execFile)('setpriv', ['--bounding-set', '-sys_ptrace', process.execPath, '-e', look]) // prettier-ignore
      expect(JSON.parse(stdout)).toBeNull()
      const all = await promisify(execFile)(process.execPath, ['-e', look])
      expect(JSON.parse(all.stdout)).not.toEqual([])
    } finally {
      other.kill()
    }
  },
)
