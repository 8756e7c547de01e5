import { Box, Icon } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React from 'react'
import { Link } from 'react-router-dom'
import { asDate } from '../../text/format.js'
import { Outcome } from '../cells/outcome-cell.js'
import { OutsideText } from '../shared/cell.js'
import { keptOutText } from '../shared/kept-out-text.js'
import { recordUrl } from '../shared/urls.js'
import { saidIn, useTexts } from '../shared/use-texts.js'

/** A removal in one line, which opens its record: what became of it, when, whose, by whom, why. */
export const RemovalLine: React.FC<{ record: RecordJSON; resourceId: string }> = ({ record, resourceId }) => {
  const texts = useTexts(resourceId)
  const { sentences, word } = useTexts('SessionRemoval')
  const { say, moment, fullMoment } = texts
  const { params } = record
  const at = asDate(params.requestedAt)
  const until = asDate(params.keepOutUntil)
  return (
    <RecordLine to={recordUrl('SessionRemoval', record)}>
      <Outcome outcome={params.outcome} resourceId="SessionRemoval" />
      {at ? <time title={fullMoment(at)}>{moment(at)}</time> : null}
      <span>{word('kind', String(params.kind))}</span>
      <OutsideText text={[params.login, params.ip].filter(Boolean).join(' · ') || say('noLogin')} whole />
      {params.removedBy ? <span>{say('removedBy', { who: String(params.removedBy) })}</span> : null}
      {params.reason ? <OutsideText text={String(params.reason)} whole /> : null}
      {until && params.releasedAt == null ? <span>{keptOutText(until, texts)}</span> : null}
      {params.message ? <OutsideText text={sentences(saidIn(params))} whole /> : null}
    </RecordLine>
  )
}

/** A line of a list that opens a record. */
export const RecordLine: React.FC<React.PropsWithChildren<{ to: string }>> = ({ to, children }) => (
  <Box as="li" py="default" borderBottom="1px solid" borderColor="border">
    <Link to={to} style={{ color: 'inherit' }}>
      <Box as="div" flex alignItems="center" style={{ gap: 16, flexWrap: 'wrap' }}>
        {children}
        <Icon icon="ChevronRight" />
      </Box>
    </Link>
  </Box>
)
