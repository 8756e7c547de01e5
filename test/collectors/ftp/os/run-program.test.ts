import { expect, test } from '@jest/globals'
import { ProgramFailed, runProgram } from '../../../../src/collectors/ftp/os/run-program.js'

const { signal } = new AbortController()
const node = (script: string) => ['-e', script]

test('gives what was printed, as text and as bytes, and the code', async () => {
  const script = 'process.stdout.write(Buffer.from([0x61, 0xe9])); console.error("b"); process.exitCode = 3'
  expect(await runProgram(process.execPath, node(script), signal)).toEqual({
    code: 3,
    stdout: 'a\ufffd',
    stderr: 'b\n',
    bytes: Buffer.from([0x61, 0xe9]),
  })
})

test('no argument is ever a command, and the input is empty', async () => {
  const script = 'process.stdin.on("data", () => 0).on("end", () => console.log(JSON.stringify(process.argv.slice(1))))'
  const args = ['$(id)', '; id', "' || id '", '`id`', '*', '']
  const { stdout } = await runProgram(process.execPath, [...node(script), ...args], signal)
  expect(JSON.parse(stdout)).toEqual(args)
})

test('has the environment that it is given, and no other', async () => {
  const script = 'console.log(Object.keys(process.env).join())'
  expect((await runProgram(process.execPath, node(script), signal, { env: { ONLY: '1' } })).stdout).toBe('ONLY\n')
})

test.each([
  ['missing', '/nowhere/program', [], {}, /^There is no program \/nowhere\/program\.$/],
  ['forbidden', '/etc/passwd', [], {}, /^\/etc\/passwd may not be run: it is no program/],
  ['too-slow', process.execPath, node('setInterval(() => 0, 1000)'), { timeout: 300 }, /did not end within 0.3 s/],
  ['too-long', process.execPath, node('console.log("x".repeat(3e6))'), { maxOutput: 2 ** 20 }, /more than 1 MiB\.$/],
  ['killed', process.execPath, node('process.kill(process.pid, "SIGKILL")'), {}, /was ended by SIGKILL\.$/],
] as const)('what does not end by itself is %s', async (why, program, args, limits, message) => {
  const error = await runProgram(program, args, signal, limits).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProgramFailed)
  expect(error).toMatchObject({ why, message: expect.stringMatching(message) })
})

test("the signal ends it, and its reason is what is thrown, before the program's begin as well", async () => {
  const stopping = new AbortController()
  const running = runProgram(process.execPath, node('setInterval(() => 0, 1000)'), stopping.signal)
  const reason = new Error('enough')
  stopping.abort(reason)
  await expect(running).rejects.toBe(reason)
  await expect(runProgram(process.execPath, node(''), stopping.signal)).rejects.toBe(reason)
})
