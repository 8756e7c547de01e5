import { CheckBox, Table, TableBody, TableCell, TableHead, TableRow } from '@adminjs/design-system'
import { type BasePropertyJSON, type RecordJSON, type ResourceJSON, SortLink } from 'adminjs'
import React from 'react'
import { CELL, displayOf, SessionRow } from './session-row.js'
import { OneLine } from '../shared/outside-text.js'
import { useTexts } from '../shared/use-texts.js'
import { canBeTicked, type Ticks } from './selection.js'

interface Props {
  resource: ResourceJSON
  records: RecordJSON[]
  direction: 'asc' | 'desc'
  sortBy: string
  ticks: Ticks
  onTick(record: RecordJSON): void
  onTickAll(): void
}

/**
 * AdminJS's table of records, with columns of a fixed width (a list that changes each second must not move), a name on
 * every checkbox, and a second line on a phone, where only the title's column has room.
 */
export const SessionTable: React.FC<Props> = ({ resource, records, direction, sortBy, ticks, onTick, onTickAll }) => {
  const { say } = useTexts(resource.id)
  const boxes = records.filter(canBeTicked)
  const columns = resource.listProperties
  const width = columns.reduce((sum, { propertyPath }) => sum + widthOf(propertyPath), 2 * NARROW)
  return (
    <div style={{ overflowX: 'auto' }}>
      <Table style={{ tableLayout: 'fixed' }} minWidth={[0, 0, width]}>
        <TableHead>
          <TableRow>
            <TableCell as="th" scope="col" style={{ ...HEAD, width: NARROW, textAlign: 'center' }}>
              {boxes.length > 0 ? (
                <CheckBox
                  aria-label={say('tickAll')}
                  checked={boxes.every(({ id }) => ticks.has(id))}
                  onChange={onTickAll}
                />
              ) : null}
            </TableCell>
            {columns.map((property) => (
              <HeaderCell key={property.propertyPath} property={property} direction={direction} sortBy={sortBy} />
            ))}
            <TableCell as="th" scope="col" style={{ ...HEAD, width: NARROW }} />
          </TableRow>
        </TableHead>
        <TableBody>
          <OneLine.Provider value={true}>
            {records.map((record) => (
              <SessionRow
                key={record.id}
                resource={resource}
                record={record}
                ticked={ticks.has(record.id)}
                onTick={() => onTick(record)}
              />
            ))}
          </OneLine.Provider>
        </TableBody>
      </Table>
    </div>
  )
}

const HeaderCell: React.FC<{ property: BasePropertyJSON; direction: 'asc' | 'desc'; sortBy: string }> = ({
  property,
  direction,
  sortBy,
}) => {
  const { property: label } = useTexts(property.resourceId)
  const sorted = sortBy === property.propertyPath
  return (
    <TableCell
      as="th"
      scope="col"

      display={displayOf(property)}
      aria-sort={sorted ? (direction === 'asc' ? 'ascending' : 'descending') : undefined}
      width={['auto', 'auto', widthOf(property.propertyPath)]}
      style={HEAD}
    >
      {property.isSortable ? (
        <SortLink property={property} direction={direction} sortBy={sortBy} />
      ) : (
        label(property.label)
      )}
    </TableCell>
  )
}

const HEAD: React.CSSProperties = { ...CELL, textAlign: 'left', fontWeight: 700 }

/** Of the columns for the checkbox and the way to the record, in px. */
const NARROW = 36

/** In px, and in proportion to each other where there is more room. */
const WIDTHS: Record<string, number> = {
  login: 140,
  status: 125,
  domain: 108,
  fileName: 150,
  connectedAt: 105,
  lastActiveAt: 92,
  userAgent: 170,
}

function widthOf(propertyPath: string): number {
  return WIDTHS[propertyPath] ?? 115
}
