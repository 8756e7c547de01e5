import React from 'react'
import { Field, type FieldProps, numberOf } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'

/** Bytes, or bytes per second where the field is a speed. */
const AmountCell: React.FC<FieldProps> = (props) => {
  const { size, speed } = useTexts(props.resource.id)
  const amount = numberOf(props.record?.params[props.property.path])
  const shown = props.property.path === 'bytesPerSecond' ? speed : size
  return <Field {...props}>{amount === null ? null : shown(amount)}</Field>
}

export default AmountCell
