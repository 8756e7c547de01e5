import { expect, test } from '@jest/globals'
import { Refusal } from '../../src/collectors/refusal.js'
import { sentences } from '../../src/components/shared/sentences.js'
import type { Said } from '../../src/text/said.js'
import { translationsOf } from '../../src/translations/index.js'

const german: Record<string, string> = translationsOf('SessionRemoval', ['de']).de!.messages.said
const inGerman = (key: string) => german[key] ?? ''

const refusal = new Refusal('logTwins', { login: '{{ip}}\u202e', ip: { key: 'unknownAddress' } })

test('a refusal is translated with the words in it, and what is invisible in its values is seen', () => {
  expect(sentences({ said: [refusal.said, 'No such session.'], message: refusal.message }, inGerman)).toBe(
    '{{ip}}⟨U+202E⟩ hat mehrere Sitzungen (unbekannte Adresse), und das Protokoll hält sie nicht auseinander: keine ' +
      'wird beendet, es könnte die falsche sein. No such session.',
  )
})

test('a server’s own words, and none, stay as they are', () => {
  expect(sentences({ said: ['No such session.'], message: 'No such session.' }, inGerman)).toBe('No such session.')
  expect(sentences({ said: null, message: 'Of an older version.' }, inGerman)).toBe('Of an older version.')
  expect(sentences({ said: null, message: null }, inGerman)).toBe('')
})

test.each<[string, unknown]>([
  ['sentence', { key: 'saidByALaterVersion', values: { pid: 7 } }],
  ['word', { key: 'noEndHelper', values: { pid: 7, uid: { key: 'wordOfALaterVersion' } } }],
])('a %s that is not known here is answered by all of it in English, and never by a key', (_, later) => {
  const message = 'Asked to end. It is no more.'
  expect(sentences({ said: [{ key: 'stillThere', values: { seconds: 5 } }, later as Said], message }, inGerman)).toBe(
    message,
  )
})
