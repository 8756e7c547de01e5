import type { RecordJSON } from 'adminjs'
import React from 'react'
import { asDate } from '../../text/format.js'
import { never } from '../../text/stored-value.js'
import { Cell, type CellProps, numberOf, OutsideText, textOf } from '../shared/cell.js'
import { Linked } from '../shared/linked.js'
import { filteredUrl, recordUrl } from '../shared/urls.js'
import { saidIn, type Texts, useTexts } from '../shared/use-texts.js'

/** How a value is shown. */
export type ShownAs =
  | 'text'
  | 'sentence'
  | 'filter'
  | 'said'
  | 'word'
  | 'time'
  | 'duration'
  | 'bytes'
  | 'at-least'
  | 'bytes-per-second'
  | 'removal'
  | 'yes-no'

/** One field of a record and nothing else, shown as its property's `custom.as` says. */
const ValueCell: React.FC<CellProps> = (props) => {
  const texts = useTexts(props.resource.id)
  return <Cell {...props}>{shown[(props.property.custom as { as: ShownAs }).as](props, texts)}</Cell>
}

type Shown = (props: CellProps, texts: Texts) => React.ReactNode

/** Each is null where nothing is known. */
const shown: Record<ShownAs, Shown> = {
  /** Any text from outside: domain, location, command, reason, message. */
  text(props) {
    const text = textOf(props)
    return text === null ? null : <OutsideText text={text} whole={props.where === 'show'} />
  },
  /** What somebody has written, or a program says: more than a name. */
  sentence(props) {
    const text = textOf(props)
    return text === null ? null : <OutsideText text={text} whole={props.where === 'show'} lines={3} />
  },
  /** A text that the list is narrowed to at a click. */
  filter(props) {
    const text = textOf(props)
    if (text === null) return null
    return (
      <Linked to={filteredUrl(props.resource.id, props.property.path, text)}>
        <OutsideText text={text} whole={props.where === 'show'} lines={2} />
      </Linked>
    )
  },
  /** What is said of a removal, translated. */
  said({ record, where }, { sentences }) {
    const text = sentences(saidIn(record?.params))
    return text === '' ? null : <OutsideText text={text} whole={where === 'show'} lines={3} />
  },
  /** The id of a removal, as a link to its record. */
  removal(props, { say }) {
    const id = textOf(props)
    return id === null ? null : <Linked to={recordUrl('SessionRemoval', { id })}>{say('theRemoval', { id })}</Linked>
  },
  'yes-no': ({ record, property }, { say }) => {
    const value: unknown = record?.params[property.path]
    return value === null || value === undefined ? null : say(String(value) === 'true' || value === 1 ? 'yes' : 'no')
  },
  /** One of a short list of words (type, protocol, kind, state …), translated. */
  word(props, { word }) {
    const value = textOf(props)
    return value === null ? null : word(props.property.path, value)
  },
  /** A moment, in the admin's own time zone. */
  time({ record, property, where }, { moment, fullMoment, say }) {
    const at = asDate(record?.params[property.path])
    if (at && at.getTime() === never) return say('untilReleased')
    return at ? (
      <time dateTime={at.toISOString()} title={fullMoment(at)} style={{ fontVariantNumeric: 'tabular-nums' }}>
        {where === 'show' ? fullMoment(at) : moment(at)}
      </time>
    ) : null
  },
  /** How long a session lasted that has ended. */
  duration({ record }, { duration }) {
    const lasted = lastedMs(record?.params)
    return lasted === null ? null : <span style={{ whiteSpace: 'nowrap' }}>{duration(lasted)}</span>
  },
  bytes: ({ record, property }, { size }) => inUnits(record?.params[property.path], size),
  /** Bytes of which nobody knows whether they were all. */
  'at-least': ({ record, property }, { size, say }) =>
    inUnits(record?.params[property.path], (bytes) => say('atLeast', { amount: size(bytes) })),
  'bytes-per-second': ({ record, property }, { speed }) => inUnits(record?.params[property.path], speed),
}

function inUnits(value: unknown, format: (amount: number) => string): string | null {
  const amount = numberOf(value)
  return amount === null ? null : format(amount)
}

/** ms from its beginning to its end; null where one of them is not known. */
export function lastedMs({ startedAt, endedAt }: RecordJSON['params'] = {}): number | null {
  const [start, end] = [asDate(startedAt), asDate(endedAt)]
  return start && end && end.getTime() - start.getTime()
}

export default ValueCell
