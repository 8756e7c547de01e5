import { Box } from '@adminjs/design-system'
import React from 'react'
import { Cell, type CellProps, OutsideText } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'
import { quiet } from '../shared/dim.js'
import { ftpFields, type Field } from '../../session-fields.js'

/** The fields that hold one of a list of words, of either kind of session. */
const words = new Set(Object.entries<Field>(ftpFields).flatMap(([name, { is }]) => (Array.isArray(is) ? name : [])))

/** A session's row as it was when its removal was requested: every field that was known. */
const SnapshotCell: React.FC<CellProps> = (props) => {
  const { property, word } = useTexts(props.resource.id)
  const inside = `${props.property.path}.`
  // AdminJS flattens nested objects: `session.login`, `session.ip`.
  const fields = Object.entries(props.record?.params ?? {}).flatMap(([path, value]) =>
    path.startsWith(inside) && value !== null && value !== undefined && value !== ''
      ? [[path.slice(inside.length), String(value)] as const]
      : [],
  )
  return (
    <Cell {...props}>
      <Box as="dl" style={{ display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '4px 16px' }}>
        {fields.map(([field, value]) => (
          <React.Fragment key={field}>
            <dt style={{ opacity: quiet }}>{property(field)}</dt>
            <dd style={{ minWidth: 0 }}>
              <OutsideText text={words.has(field) ? word(field, value) : value} whole />
            </dd>
          </React.Fragment>
        ))}
      </Box>
    </Cell>
  )
}

export default SnapshotCell
