import React from 'react'
import { Field, type FieldProps, textOf } from './field.js'
import { OutsideText } from './outside-text.js'

/** Any text from outside: domain, location, command, user agent in full, reason, message. */
const TextCell: React.FC<FieldProps> = (props) => {
  const text = textOf(props)
  return <Field {...props}>{text === null ? null : <OutsideText text={text} whole={props.where === 'show'} />}</Field>
}

export default TextCell
