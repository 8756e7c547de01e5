import type { RecordJSON } from 'adminjs'
import React from 'react'
import { Cell, type CellProps } from '../shared/cell.js'
import { asDate } from '../../text/format.js'
import { useServerNow } from '../shared/server-clock.js'
import { useTexts } from '../shared/use-texts.js'

/** How long a session has been idle, counting up by the server's clock. */
export const Idle: React.FC<{ record: RecordJSON; resourceId: string }> = ({ record, resourceId }) => {
  const { duration, fullMoment, say } = useTexts(resourceId)
  const now = useServerNow()
  const at = asDate(record.params.lastActiveAt)
  if (!at) return null
  return (
    <time
      dateTime={at.toISOString()}
      title={say('lastActive', { time: fullMoment(at) })}
      style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}
    >
      {duration(now - at.getTime())}
    </time>
  )
}

const IdleCell: React.FC<CellProps> = (props) => (
  <Cell {...props}>{props.record ? <Idle record={props.record} resourceId={props.resource.id} /> : null}</Cell>
)

export default IdleCell
