import { Box, Icon } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React from 'react'
import { Warning } from '../shared/warning.js'
import { Cell, type CellProps, SecondLine, Unknown } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'

/** What an FTP session is doing; under it, unless `bare`, what is wrong with it. */
export const Status: React.FC<{ record: RecordJSON; resourceId: string; bare?: boolean }> = ({
  record: { params },
  resourceId,
  bare = false,
}) => {
  const { say, word } = useTexts(resourceId)
  const [icon, color] = symbols[params.status] ?? ['HelpCircle', 'grey80']
  return (
    <>
      {params.status ? (
        <Box as="div" flex alignItems="center" style={{ gap: 8, whiteSpace: 'nowrap' }}>
          <Icon icon={icon} size={14} color={color} />
          <span>{word('status', String(params.status))}</span>
        </Box>
      ) : (
        <Unknown resourceId={resourceId} />
      )}
      {params.condition && params.condition !== 'normal' && !bare ? (
        <SecondLine title={say(`condition.${params.condition}`)}>
          <Warning>{word('condition', String(params.condition))}</Warning>
        </SecondLine>
      ) : null}
    </>
  )
}

const symbols: Record<string, [icon: string, color: string]> = {
  uploading: ['Upload', 'info'],
  downloading: ['Download', 'success'],
  listing: ['List', 'grey80'],
  busy: ['Activity', 'grey80'],
  authenticating: ['Key', 'warning'],
  idle: ['Moon', 'grey60'],
}

const StatusCell: React.FC<CellProps> = (props) => (
  <Cell {...props}>
    {props.record ? (
      <Status record={props.record} resourceId={props.resource.id} bare={props.where === 'show'} />
    ) : null}
  </Cell>
)

export default StatusCell
