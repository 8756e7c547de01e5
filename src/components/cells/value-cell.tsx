import React from 'react'
import { Field, type FieldProps, textOf } from '../shared/cell.js'
import { OutsideText } from '../shared/outside-text.js'

/** Any text from outside: domain, location, command, user agent in full, reason, message. */
const TextCell: React.FC<FieldProps> = (props) => {
  const text = textOf(props)
  return <Field {...props}>{text === null ? null : <OutsideText text={text} whole={props.where === 'show'} />}</Field>
}

export default TextCell
