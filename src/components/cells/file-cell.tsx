import React from 'react'
import { Field, type FieldProps, OutsideText, SecondLine, textOf } from '../shared/cell.js'

/** The file that is being moved; in a list, under it the directory that the session is in. */
const FileCell: React.FC<FieldProps> = (props) => {
  const fileName = textOf(props)
  const location: unknown = props.record?.params.location
  if (props.where === 'show') {
    return <Field {...props}>{fileName === null ? null : <OutsideText text={fileName} whole />}</Field>
  }
  return (
    <Field {...props}>
      {fileName === null ? null : <OutsideText text={fileName} />}
      {location ? (
        <SecondLine>
          <OutsideText text={String(location)} />
        </SecondLine>
      ) : null}
    </Field>
  )
}

export default FileCell
