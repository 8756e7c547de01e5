import type { RecordJSON } from 'adminjs'
import React from 'react'
import { Cell, type CellProps } from '../shared/cell.js'
import { Chip } from '../shared/chip.js'
import { asDate } from '../../text/format.js'
import { useServerNow } from '../shared/server-clock.js'
import { useTexts } from '../shared/use-texts.js'

/**
 * How long a session has been idle, counting up by the server's clock; of a panel session, whether its person is online: a
 * session of a browser lasts until it expires.
 */
export const Idle: React.FC<{ record: RecordJSON; resourceId: string }> = ({ record, resourceId }) => {
  const { duration, fullMoment, say } = useTexts(resourceId)
  const now = useServerNow()
  const at = asDate(record.params.lastActiveAt)
  if (!at) return null
  const idle = now - at.getTime()
  const onlineUntil = asDate(record.params.onlineUntil)
  const minutes = onlineUntil ? Math.round((onlineUntil.getTime() - at.getTime()) / 60_000) : 0
  return (
    <>
      {onlineUntil && now < onlineUntil.getTime() ? (
        <>
          <Chip variant="success" title={say('onlineMeans', { count: minutes })}>
            {say('online')}
          </Chip>{' '}
        </>
      ) : null}
      <time
        dateTime={at.toISOString()}
        title={say('lastActive', { time: fullMoment(at) })}
        // Between its two units it may take another line: a number and its unit are never parted.
        style={{ fontVariantNumeric: 'tabular-nums' }}
      >
        {duration(idle)}
      </time>
    </>
  )
}

const IdleCell: React.FC<CellProps> = (props) => (
  <Cell {...props}>{props.record ? <Idle record={props.record} resourceId={props.resource.id} /> : null}</Cell>
)

export default IdleCell
