import { useTranslation } from 'adminjs'
import { asDate, duration, fullMoment, moment, size, speed } from './format.js'
import { visible } from './visible.js'

/** The words, numbers and times of one resource's page, in the language that the admin chose. */
export function useTexts(resourceId: string) {
  const { tm, tl, tp, ta, tb, i18n } = useTranslation()
  const { language } = i18n
  return {
    /** A message, with what is filled in made visible. */
    say: (key: string, values: Record<string, string | number> = {}) => tm(key, resourceId, shown(values)),
    /** The word for a value of a field: `word('status', 'uploading')`. A value that a host added stays as it is. */
    word: (field: string, value: string) => tl(`${field}.${value}`, resourceId, { defaultValue: visible(value) }),
    button: (key: string, values: Record<string, string | number> = {}) => tb(key, resourceId, shown(values)),
    action: (label: string) => ta(label, resourceId),
    property: (label: string) => tp(label, resourceId),
    size: (bytes: number) => size(bytes, language),
    speed: (bytesPerSecond: number) => speed(bytesPerSecond, language),
    duration: (ms: number) => duration(ms, language),
    moment: (at: Date, now: number) => moment(at, now, language),
    fullMoment: (at: Date) => fullMoment(at, language),
    /** A time of the server's, in full; as it came where it is none. */
    at: (iso: string) => {
      const date = asDate(iso)
      return date ? fullMoment(date, language) : visible(iso)
    },
  }
}

export type Texts = ReturnType<typeof useTexts>

function shown(values: Record<string, string | number>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? visible(value) : value]),
  )
}
