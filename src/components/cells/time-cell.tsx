import React from 'react'
import { Field, type FieldProps } from '../shared/cell.js'
import { asDate } from '../../text/format.js'
import { useTexts } from '../shared/use-texts.js'

/** A moment, in the admin's own time zone. */
const TimeCell: React.FC<FieldProps> = (props) => {
  const texts = useTexts(props.resource.id)
  const at = asDate(props.record?.params[props.property.path])
  return (
    <Field {...props}>
      {at ? (
        <time dateTime={at.toISOString()} title={texts.fullMoment(at)} style={{ fontVariantNumeric: 'tabular-nums' }}>
          {props.where === 'show' ? texts.fullMoment(at) : texts.moment(at)}
        </time>
      ) : null}
    </Field>
  )
}

export default TimeCell
