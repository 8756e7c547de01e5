import { expect, test } from '@jest/globals'
import { translationsOf } from '../../src/translations/index.js'
import { resources } from './every-text.js'

// The pages' own code names it by this key (components/shared/http.ts), on whichever page it is.
test.each(resources)('on the pages of %s it can be said that AdminJS does not run on Express', (resource) => {
  const { messages } = translationsOf(resource, ['de']).de! as { messages: { said?: Record<string, string> } }
  expect(messages.said?.notExpress).toMatch(/^AdminJS läuft hier nicht auf Express/)
})
