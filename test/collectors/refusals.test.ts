import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import ts from 'typescript'
import { endProcess } from '../../src/collectors/ftp/os/end-process.js'
import type { ProcessStat } from '../../src/collectors/ftp/os/proc.js'
import { Refusal } from '../../src/collectors/refusal.js'
import { RemovalRefused } from '../../src/session-source.js'
import { saidInEnglish } from '../../src/translations/languages/en.js'

const collectors = fileURLToPath(new URL('../../src/collectors', import.meta.url))
const files = readdirSync(collectors, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
const made = files.flatMap((file) => {
  const source = ts.createSourceFile(file, readFileSync(join(collectors, file), 'utf8'), ts.ScriptTarget.Latest, true)
  return newsIn(source).map((one) => ({ file, what: one.expression.getText(), args: [...(one.arguments ?? [])] }))
})

function newsIn(node: ts.Node): ts.NewExpression[] {
  const below = node.getChildren().flatMap(newsIn)
  return ts.isNewExpression(node) ? [node, ...below] : below
}

/** How often each file refuses in words that stay as they are, and whose they are. */
const inTheirOwnWords = {
  // Of an adapter that somebody else has written; of the program that runs as root.
  'ftp/os/end-process.ts': 2,
  // Of the script that PowerShell runs.
  'ftp/os/end-connection.windows.ts': 1,
  // They run as root, and write to whoever has called sudo.
  'ftp/proftpd/end-proftpd-as-root.ts': 1,
  'ftp/pure-ftpd/end-pure-ftpd-as-root.ts': 3,
}

test('what an adapter refuses is a sentence that the page translates, but for what others say', () => {
  const plain = made.filter(({ what }) => what === 'RemovalRefused').map(({ file }) => file)
  const counts = Object.fromEntries(
    [...new Set(plain)].map((file) => [file, plain.filter((one) => one === file).length]),
  )
  expect(counts).toEqual(inTheirOwnWords)
})

test('each fills in what its sentence has, and nothing else', () => {
  const refusals = made.filter(({ what }) => what === 'Refusal')
  const wrong = refusals.flatMap(({ file, args: [key, values] }) => {
    const given =
      values && ts.isObjectLiteralExpression(values) ? values.properties.map((one) => one.name!.getText()) : []
    return keysIn(key!).flatMap((one) => {
      const wanted = [...(saidInEnglish as Record<string, string>)[one]!.matchAll(/\{\{(\w+)\}\}/g)].map(
        ([, name]) => name,
      )
      return String([...new Set(wanted)].sort()) === String(given.sort()) ? [] : [{ file, key: one, wanted, given }]
    })
  })
  expect(wrong).toEqual([])
  expect(refusals.length).toBeGreaterThan(30)
})

/** The keys that an argument names: one, or one of two. */
function keysIn(argument: ts.Expression): string[] {
  if (ts.isConditionalExpression(argument)) return [argument.whenTrue, argument.whenFalse].flatMap(keysIn)
  if (ts.isStringLiteral(argument)) return [argument.text]
  throw new Error(`A key that can be looked up was expected, and found was ${argument.getText()}.`)
}

test('a refusal has its sentence by key, and in English', () => {
  const refusal = new Refusal('otherProgram', { pid: 7, program: { key: 'noProgram' }, server: 'vsftpd' })
  expect(refusal).toBeInstanceOf(RemovalRefused)
  expect(`${refusal.name}: ${refusal.message}`).toBe('RemovalRefused: Process 7 runs no program, not vsftpd.')
  expect(refusal.said).toEqual({
    key: 'otherProgram',
    values: { pid: 7, program: { key: 'noProgram' }, server: 'vsftpd' },
  })
})

test('a name that no database takes is kept as a row has it', () => {
  const { message, said } = new Refusal('pureNoSession', { pid: 7, title: 'a\0b\ud800 {{pid}}' })
  expect(said.values).toEqual({ pid: 7, title: 'a\u2400b\ufffd {{pid}}' })
  expect(message).toBe('Process 7 is a\u2400b\ufffd {{pid}}, not a session.')
})

test('why not may be a sentence of whoever wrote the adapter, or a refusal', () => {
  const identity = { bootId: 'now', pid: 7, startTicks: 1 }
  const machine = {
    bootId: () => 'now',
    processStat: () => identity as unknown as ProcessStat,
    signal: () => 'asked' as const,
  }
  const refused = (why: string | RemovalRefused | null) => {
    try {
      return endProcess(identity, 'SIGTERM', () => why, machine)
    } catch (error) {
      return error
    }
  }
  expect(refused('It is not ours.')).toEqual(new RemovalRefused('It is not ours.'))
  expect(refused('It is not ours.')).not.toBeInstanceOf(Refusal)
  const refusal = new Refusal('otherNamespace', { pid: 7 })
  expect(refused(refusal)).toBe(refusal)
  expect(refused(null)).toBe('asked')
})
