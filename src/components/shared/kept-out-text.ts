import { never } from '../../text/stored-value.js'
import type { Texts } from './use-texts.js'

/** `kept out until 14:30`, or until somebody lets him in. */
export function keptOutText(until: Date, { say, moment }: Pick<Texts, 'say' | 'moment'>): string {
  return until.getTime() === never ? say('keptOutForEver') : say('keptOutUntil', { time: moment(until) })
}
