import React from 'react'
import { Field, type FieldProps, textOf } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'

/** A value out of a short list (type, protocol, kind, state …), as a word. */
const WordCell: React.FC<FieldProps> = (props) => {
  const { word } = useTexts(props.resource.id)
  const value = textOf(props)
  return <Field {...props}>{value === null ? null : word(props.property.path, value)}</Field>
}

export default WordCell
