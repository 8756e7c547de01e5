import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { processStat } from '../../src/collectors/ftp/os/proc.js'
import { scoreboardBytes, type Slot } from '../collectors/ftp/proftpd/scoreboard-bytes.js'

/** What passes for a ProFTPD by its processes, for scoreboards that no real one would write. */
export interface PretendedProftpd {
  dir: string
  /** The scoreboard that the sessions have open. It names the master, and lists them as alice's, until it is written anew. */
  scoreboard: string
  master: number
  sessions: number[]
  write(slots: (Slot | null)[], header?: { masterPid?: number; startedAt?: number }): void
  stop(): Promise<void>
}

/** Starts a shell that is called `proftpd`, and a child of it for each session, which does nothing. */
export async function pretendProftpd(count: number, name = 'proftpd'): Promise<PretendedProftpd> {
  const dir = mkdtempSync(join(tmpdir(), 'pretended-'))
  const program = join(dir, name)
  const scoreboard = join(dir, 'scoreboard')
  copyFileSync('/bin/bash', program)
  writeFileSync(scoreboard, '')
  // The sessions wait for a pipe of ours, and so end with this process at the latest.
  const script = 'exec 4<>"$1"; for ((i = 0; i < $2; i++)); do (read -r _ <&3) & echo $!; done; echo all; read -r _ <&3'
  const child = spawn(program, ['-c', script, program, scoreboard, String(count)], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  })
  const sessions: number[] = []
  for await (const line of createInterface(child.stdout!)) {
    if (line === 'all') break
    sessions.push(Number(line))
  }
  const master = child.pid!
  const write: PretendedProftpd['write'] = (slots, header) =>
    writeFileSync(scoreboard, scoreboardBytes({ masterPid: master, startedAt: now(), ...header }, slots))
  write(sessions.map((pid) => ({ pid, beganAt: now() })))
  return {
    ...{ dir, scoreboard, master, sessions, write },
    async stop() {
      // One that is stopped would not see the end of the pipe.
      for (const pid of sessions) if (processStat(pid)?.parent === master) process.kill(pid, 'SIGKILL')
      child.kill('SIGKILL')
      child.stdio[3]!.destroy()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const now = () => Math.ceil(Date.now() / 1000)
