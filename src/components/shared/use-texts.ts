import { flat, type RecordJSON, useTranslation } from 'adminjs'
import { Unanswered, type Values } from './http.js'
import { asDate, duration, fullMoment, moment, percent, period, size, speed } from '../../text/format.js'
import { inline, visible } from '../../text/printable.js'
import { filledIn } from '../../text/said.js'
import { type SaidOf, sentences } from './sentences.js'

/** The words, numbers and times of one resource's page, in the language that the admin chose. */
export function useTexts(resourceId: string) {
  const { tm, tl, tp, ta, tb, i18n } = useTranslation()
  const { language } = i18n
  /** In English where the admin's language lacks it, or only its plural for a number like this one. Nothing is filled in. */
  const textOf = (how: typeof tm, key: string, values: Values = {}, otherwise?: string, of = resourceId) => {
    // i18next would look for places to fill in, and for keys, also in what it has filled in.
    const asked = { ...values, skipInterpolation: 1 }
    const english = { lngs: ['en'], ...(otherwise === undefined ? {} : { defaultValue: otherwise }) }
    return how(key, of, { ...asked, defaultValue: how(key, of, { ...asked, ...english }) })
  }
  const translate = (how: typeof tm, key: string, values: Values = {}) =>
    filledIn(textOf(how, key, values), (name) => String(values[name] ?? ''))
  return {
    /** A message. Invisible characters in the values are made visible. */
    say: (key: string, values: Values = {}) => translate(tm, key, shown(values)),
    /** Why a request failed: the server's message, translated if it is a key. */
    why: (error: Error) => translate(tm, error.message, shown(error instanceof Unanswered ? error.values : {})),
    /** What is said of a removal; on every page in the words of the removals' own, which has them all. */
    sentences: (of: SaidOf) => sentences(of, (key) => textOf(tm, `said.${key}`, {}, '', 'SessionRemoval')),
    /** The word for a value of a field: `word('status', 'uploading')`. A value that a host added stays as it is. */
    word: (field: string, value: string) => textOf(tl, `${field}.${value}`, {}, visible(value)),
    button: (key: string, values: Values = {}) => translate(tb, key, shown(values)),
    action: (label: string) => translate(ta, label),
    property: (label: string) => translate(tp, label),
    size: (bytes: number) => size(bytes, language),
    speed: (bytesPerSecond: number) => speed(bytesPerSecond, language),
    percent: (value: number) => percent(value, language),
    duration,
    period: (minutes: number) => period(minutes, language),
    moment: (at: Date) => moment(at, Date.now(), language),
    fullMoment: (at: Date) => fullMoment(at, language),
    /** One of the server's times, short, for a sentence. What is no time stays as it is. */
    at: (iso: string) => {
      const date = asDate(iso)
      return date ? moment(date, Date.now(), language) : visible(iso)
    },
  }
}

/** What is said in a removal's record; AdminJS spreads what is nested over its params. */
export function saidIn(params: RecordJSON['params'] = {}): SaidOf {
  const said: unknown = flat.get(params, 'said')
  return {
    said: Array.isArray(said) ? (said as SaidOf['said']) : null,
    message: typeof params.message === 'string' ? params.message : null,
  }
}

export type Texts = ReturnType<typeof useTexts>

function shown(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? inline(value) : value]),
  )
}
