import { Box } from '@adminjs/design-system'
import React from 'react'
import type { RemovalOutcome } from '../../database/removal-states.js'
import { Warning } from '../shared/warning.js'
import { Cell, type CellProps, OutsideText } from '../shared/cell.js'
import { Chip, type ChipColour } from '../shared/chip.js'
import { asDate } from '../../text/format.js'
import { saidIn, useTexts } from '../shared/use-texts.js'

/** What became of a removal, in a word and a colour. */
export const Outcome: React.FC<{ outcome: RemovalOutcome; resourceId: string }> = ({ outcome, resourceId }) => (
  <Chip variant={colours[outcome]}>{useTexts(resourceId).word('outcome', outcome)}</Chip>
)

const colours: Record<RemovalOutcome, ChipColour> = {
  pending: 'info',
  ended: 'success',
  'already-gone': 'success',
  refused: 'danger',
  failed: 'danger',
  'kept-out': 'success',
  stopped: 'default',
  tried: 'default',
  unknown: 'default',
}

/** An outcome on the page of removals; under it why, and whether the same login came back from the same address. */
const OutcomeCell: React.FC<CellProps> = (props) => {
  const { say, sentences, fullMoment } = useTexts(props.resource.id)
  const { outcome, cameBackAt } = props.record?.params ?? {}
  const message = sentences(saidIn(props.record?.params))
  const back = asDate(cameBackAt)
  return (
    <Cell {...props}>
      {outcome ? <Outcome outcome={outcome} resourceId={props.resource.id} /> : null}
      {message && props.where === 'list' ? (
        <Box as="div" mt="xs" style={{ fontSize: 12 }}>
          <OutsideText text={message} lines={3} />
        </Box>
      ) : null}
      {back && props.where === 'list' ? (
        <Box as="div" mt="xs" title={fullMoment(back)} style={{ fontSize: 12 }}>
          <Warning>{say('cameBack')}</Warning>
        </Box>
      ) : null}
    </Cell>
  )
}

export default OutcomeCell
