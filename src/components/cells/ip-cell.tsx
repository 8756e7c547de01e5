import React from 'react'
import { Field, type FieldProps, OutsideText, SecondLine } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'

/** Where the session comes from now; in a list, under it the address of its logon, where that was another. */
const IpCell: React.FC<FieldProps> = (props) => {
  const { say } = useTexts(props.resource.id)
  const { ip, logonIp } = props.record?.params ?? {}
  const moved = props.where === 'list' && logonIp && logonIp !== ip ? say('logonIp', { ip: String(logonIp) }) : null
  return (
    <Field {...props}>
      {ip ? <OutsideText text={String(ip)} /> : null}
      {moved ? <SecondLine title={moved}>{moved}</SecondLine> : null}
    </Field>
  )
}

export default IpCell
