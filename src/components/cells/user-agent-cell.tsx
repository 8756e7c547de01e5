import React from 'react'
import { Cell, type CellProps, OutsideText, textOf } from '../shared/cell.js'
import { shortUserAgent } from './user-agent.js'

/** Browser and system in a few words, with the agent's own string in the title; on a record's page that string itself. */
const UserAgentCell: React.FC<CellProps> = (props) => {
  const userAgent = textOf(props)
  return (
    <Cell {...props}>
      {userAgent === null ? null : props.where === 'show' ? (
        <OutsideText text={userAgent} whole />
      ) : (
        <OutsideText text={shortUserAgent(userAgent)} full={userAgent} />
      )}
    </Cell>
  )
}

export default UserAgentCell
