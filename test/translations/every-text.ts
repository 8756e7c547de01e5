import { translationsOf } from '../../src/translations/index.js'

export const resources = [
  'PanelSession',
  'FtpSession',
  'SessionRemoval',
  'SessionHistory',
  'SessionSourceStatus',
  'SessionHold',
] as const

/** Every text of a language by its path: `FtpSession.messages.willEnd_few`. */
export function everyText(language: string): Map<string, string> {
  return new Map(resources.flatMap((id) => leaves(translationsOf(id, [language])[language]!, id)))
}

function leaves(texts: object, path: string): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]: [string, object | string]): [string, string][] =>
    typeof value === 'string' ? [[`${path}.${key}`, value]] : leaves(value, `${path}.${key}`),
  )
}
