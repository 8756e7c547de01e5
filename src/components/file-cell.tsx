import React from 'react'
import { Field, type FieldProps } from './field.js'
import { OutsideText } from './outside-text.js'
import { SecondLine } from './second-line.js'

/** The file that is being moved, and under it the directory that the session is in. */
const FileCell: React.FC<FieldProps> = (props) => {
  const { fileName, location } = props.record?.params ?? {}
  const whole = props.where === 'show'
  const place = location ? <OutsideText text={String(location)} whole={whole} /> : null
  return (
    <Field {...props}>
      {fileName ? <OutsideText text={String(fileName)} whole={whole} /> : null}
      {place ? <SecondLine>{place}</SecondLine> : null}
    </Field>
  )
}

export default FileCell
