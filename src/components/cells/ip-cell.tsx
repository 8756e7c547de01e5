import React from 'react'
import { Cell, type CellProps, OutsideText, SecondLine } from '../shared/cell.js'
import { Linked } from '../shared/linked.js'
import { everythingUrl } from '../shared/urls.js'
import { useTexts } from '../shared/use-texts.js'

/** The session's present address; in a list, under it the address at logon, if that was another. */
const IpCell: React.FC<CellProps> = (props) => {
  const { say } = useTexts(props.resource.id)
  const { ip, logonIp } = props.record?.params ?? {}
  const moved = props.where === 'list' && logonIp && logonIp !== ip ? say('logonIp', { ip: String(logonIp) }) : null
  return (
    <Cell {...props}>
      {ip ? (
        <Linked to={everythingUrl(props.resource.id, 'ip', String(ip))}>
          <OutsideText text={String(ip)} />
        </Linked>
      ) : null}
      {moved ? <SecondLine title={moved}>{moved}</SecondLine> : null}
    </Cell>
  )
}

export default IpCell
