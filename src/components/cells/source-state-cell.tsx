import { Box, Icon } from '@adminjs/design-system'
import React from 'react'
import { asDate } from '../../text/format.js'
import { Cell, type CellProps, OutsideText, textOf } from '../shared/cell.js'
import { Chip, type ChipColour } from '../shared/chip.js'
import { useTexts } from '../shared/use-texts.js'

/** How a source is, by a picture, a colour and a word. */
export const SourceState: React.FC<{ state: string }> = ({ state }) => {
  const { word } = useTexts('SessionSourceStatus')
  const [icon, colour] = looks[state] ?? ['HelpCircle', 'default']
  return (
    <Chip variant={colour}>
      <Icon icon={icon} size={12} mr="sm" />
      {word('state', state)}
    </Chip>
  )
}

/** How a source is; in a list, where it is failing, since when. */
const SourceStateCell: React.FC<CellProps> = (props) => {
  const { say, moment } = useTexts(props.resource.id)
  const state = textOf(props)
  const since = asDate(props.record?.params.failingSince)
  return (
    <Cell {...props}>
      {state === null ? null : <SourceState state={state} />}
      {state === 'failing' && since && props.where === 'list' ? (
        <Box as="div" mt="xs" style={{ fontSize: 12 }}>
          <OutsideText text={say('failingSince', { time: moment(since) })} />
        </Box>
      ) : null}
    </Cell>
  )
}

const looks: Record<string, [icon: string, colour: ChipColour]> = {
  ok: ['CheckCircle', 'success'],
  failing: ['AlertTriangle', 'danger'],
  starting: ['Loader', 'info'],
  dropped: ['Trash2', 'default'],
}

export default SourceStateCell
