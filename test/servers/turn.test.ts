import { expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { Turn } from './turn.js'

/** Servers that say when they start and stop. */
function servers(kind: string) {
  const said: string[] = []
  const turns: Record<string, Turn> = { one: new Turn(kind), other: new Turn(kind) }
  const start = (file: string) =>
    turns[file]!.start(async () => {
      said.push(`${file} starts`)
      return { stop: async () => void said.push(`${file} stops`) }
    })
  return { said, start }
}

test('a test file waits until the last server of another has stopped', async () => {
  const kind = randomUUID()
  const { said, start } = servers(kind)
  const both = await Promise.all([start('one'), start('one')])
  const waiting = start('other')
  await both[0]!.stop()
  const another = createServer().listen({ path: `\0adminjs-sessions-test-${kind}` })
  await expect(once(another, 'listening')).rejects.toMatchObject({ code: 'EADDRINUSE' })
  await both[1]!.stop()
  await (await waiting).stop()
  expect(said).toEqual(['one starts', 'one starts', 'one stops', 'one stops', 'other starts', 'other stops'])
})

test('a server that does not start gives the turn back', async () => {
  const kind = randomUUID()
  await expect(new Turn(kind).start(() => Promise.reject(new Error('no port')))).rejects.toThrow('no port')
  await (await servers(kind).start('other')).stop()
})

test('whoever is killed holds up nobody', async () => {
  const kind = randomUUID()
  const code = `require('net').createServer().listen({ path: '\\0adminjs-sessions-test-${kind}' }, () => console.log('has it'))`
  const killed = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(killed.stdout, 'data')
  const { said, start } = servers(kind)
  const waiting = start('other')
  const gone = once(killed, 'exit')
  killed.kill('SIGKILL')
  await gone
  await (await waiting).stop()
  expect(said).toEqual(['other starts', 'other stops'])
})
