import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, openSync } from 'node:fs'
import { join } from 'node:path'
import { allPids, processStat } from 'adminjs-sessions/linux'
import { removeSharedMemory } from './shared-memory.mjs'

/** How long a part that is asked to end may take, in ms. */
const ENDS_WITHIN = 5000

/** A program of the demo. What it prints is in a file of its name. */
export class Part {
  #what
  #child = null
  #pid
  /** Each pid that it has had, and since when. */
  #runs = []
  #exited
  /** Nobody has any more what each of its processes printed to. */
  #closed = []
  /** What has outlived it: a session of a ProFTPD that was killed. */
  #left = []
  #stopping = false

  /**
   * @param {{
   *   name: string, address?: string, program: string, args: string[], options?: import('node:child_process').SpawnOptions,
   *   endsBy?: NodeJS.Signals, ready: (child: import('node:child_process').ChildProcess) => Promise<number | void>,
   * }} what `endsBy` (SIGTERM): what it ends in order by; `address`: of one that stays; `ready`: gives
   *   its pid where the child only runs it
   */
  constructor(what) {
    this.#what = { endsBy: 'SIGTERM', ...what }
    this.name = what.name
  }

  get runs() {
    return this.#child !== null
  }

  /** Its name, where it is, and what ends it. */
  get row() {
    const { name, address, endsBy } = this.#what
    const pid = this.#pid
    return [name, address, endsBy === 'SIGTERM' ? `kill ${pid}` : `kill -${endsBy.slice(3)} ${pid}`, `kill -9 ${pid}`]
  }

  /** @throws where it ends before it is ready */
  async start(directory, signal) {
    signal.throwIfAborted()
    const { name, address, program, args, options, endsBy, ready } = this.#what
    // Detached: Ctrl-C is for whoever ends the parts in order. setpriv: a demo that is killed with -9 leaves nobody behind.
    const child = spawn('setpriv', ['--pdeathsig', endsBy.slice(3), program, ...args], {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const log = createWriteStream(null, { fd: openSync(join(directory, `${name}.log`), 'a') })
    for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false })
    this.#closed.push(
      once(child, 'close').then(
        () => log.end(),
        () => log.end(),
      ),
    )
    this.#child = child
    let isReady = false
    this.#exited = once(child, 'exit').then(
      ([code, by]) => {
        this.#child = null
        this.#left.push(...membersOf(child.pid))
        if (address && isReady && !this.#stopping)
          console.log(`\n${name} has ended (${by ?? `exit code ${code}`}). Type ${name} and Enter: it starts again.`)
      },
      () => {},
    )
    const since = Math.floor(Date.now() / 1000)
    this.#pid = (await ready(child)) ?? child.pid
    this.#runs.push([this.#pid, since])
    isReady = true
  }

  /** Ends it, and what has outlived it. */
  async stop() {
    this.#stopping = true
    const child = this.#child
    if (child) {
      child.kill(this.#what.endsBy)
      // Somebody may have stopped it.
      child.kill('SIGCONT')
      const late = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN)
      await this.#exited
      clearTimeout(late)
    }
    for (const process of this.#left) if (isThere(process)) kill(process.pid)
    await Promise.all(this.#closed)
    for (const [pid, since] of this.#runs) removeSharedMemory(pid, since)
  }
}

/** Waits until a program has done its work. */
export function finished(child) {
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output = (output + chunk).slice(-10_000)))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${child.spawnargs.slice(3).join(' ')} ended with ${code ?? signal}:\n${output.trim()}`))
    })
  })
}

/** Who is in the kernel's session that a process has begun. */
const membersOf = (leader) =>
  allPids()
    .flatMap((pid) => processStat(pid) ?? [])
    .filter(({ kernelSession }) => kernelSession === leader)

/** Whether this very process still runs, and no other of its pid. */
const isThere = ({ pid, startTicks }) => processStat(pid)?.startTicks === startTicks

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}
