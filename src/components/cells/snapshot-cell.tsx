import { Box } from '@adminjs/design-system'
import React from 'react'
import { Cell, type CellProps, OutsideText } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'
import { quiet } from '../shared/dim.js'

/** A session's row as it was when its removal was requested: every field that was known. */
const SnapshotCell: React.FC<CellProps> = (props) => {
  const { property } = useTexts(props.resource.id)
  const inside = `${props.property.path}.`
  // AdminJS flattens nested objects: `session.login`, `session.ip`.
  const fields = Object.entries(props.record?.params ?? {}).filter(
    ([path, value]) => path.startsWith(inside) && value !== null && value !== undefined && value !== '',
  )
  return (
    <Cell {...props}>
      <Box as="dl" style={{ display: 'grid', gridTemplateColumns: 'auto 1fr', gap: '4px 16px' }}>
        {fields.map(([path, value]) => (
          <React.Fragment key={path}>
            <dt style={{ opacity: quiet }}>{property(path.slice(inside.length))}</dt>
            <dd style={{ minWidth: 0 }}>
              <OutsideText text={String(value)} whole />
            </dd>
          </React.Fragment>
        ))}
      </Box>
    </Cell>
  )
}

export default SnapshotCell
