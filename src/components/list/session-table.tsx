import { Box, CheckBox, Icon, Table, TableBody, TableCell, TableHead, TableRow } from '@adminjs/design-system'
import {
  BasePropertyComponent,
  type BasePropertyJSON,
  type RecordJSON,
  type ResourceJSON,
  SortLink,
  ViewHelpers,
} from 'adminjs'
import React from 'react'
import { useLocation, useNavigate } from 'react-router'
import { Link } from 'react-router-dom'
import { Idle } from '../cells/idle-cell.js'
import { Status } from '../cells/status-cell.js'
import { OneLine } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'
import { removeOneUrl } from '../shared/urls.js'
import { canBeTicked, type Ticks } from './selection.js'

interface Props {
  resource: ResourceJSON
  records: RecordJSON[]
  direction: 'asc' | 'desc'
  sortBy: string
  /** Ids of rows that are no longer on the page. */
  left?: ReadonlySet<string>
  /** The back office does not answer: these are as they were last seen. */
  dimmed?: boolean
  /** Told when the pointer or the focus comes into the rows, and when it leaves them. */
  onHold?(held: boolean): void
  /** Without them, nothing can be ticked. */
  ticks?: Ticks
  onTick?(record: RecordJSON): void
  onTickAll?(): void
}

const noTicks: Ticks = new Map()
const noneLeft: ReadonlySet<string> = new Set()

/**
 * AdminJS's table of records, with columns of a fixed width (a list that changes each second must not move), a name on
 * every checkbox, and a second line on a phone, where only the title's column has room.
 */
export const SessionTable: React.FC<Props> = ({
  resource,
  records,
  direction,
  sortBy,
  left = noneLeft,
  dimmed = false,
  onHold,
  ticks = noTicks,
  onTick,
  onTickAll,
}) => {
  const { say } = useTexts(resource.id)
  const boxes = records.filter(canBeTicked)
  const columns = resource.listProperties
  const width = columns.reduce((sum, { propertyPath }) => sum + widthOf(propertyPath), narrowWidth + actionsWidth)
  return (
    <div
      style={{ overflowX: 'auto', opacity: dimmed ? 0.55 : undefined }}
      onPointerEnter={() => onHold?.(true)}
      onPointerLeave={(event) => onHold?.(event.currentTarget.contains(document.activeElement))}
      onFocus={() => onHold?.(true)}
      onBlur={(event) =>
        onHold?.(event.currentTarget.matches(':hover') || event.currentTarget.contains(event.relatedTarget))
      }
    >
      <Table style={{ tableLayout: 'fixed' }} minWidth={[0, 0, width]}>
        <TableHead>
          <TableRow>
            <TableCell as="th" scope="col" style={{ ...headStyle, width: narrowWidth, textAlign: 'center' }}>
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
            <TableCell as="th" scope="col" style={{ ...headStyle, width: actionsWidth }} />
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
                hasLeft={left.has(record.id)}
                onTick={() => onTick?.(record)}
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
      style={headStyle}
    >
      {property.isSortable ? (
        <SortLink property={property} direction={direction} sortBy={sortBy} />
      ) : (
        label(property.label)
      )}
    </TableCell>
  )
}

interface RowProps {
  resource: ResourceJSON
  record: RecordJSON
  ticked: boolean
  hasLeft: boolean
  onTick(): void
}

/** One session: a click opens its record, the checkbox ticks it. Dimmed while its source does not answer. */
const SessionRow: React.FC<RowProps> = ({ resource, record, ticked, hasLeft, onTick }) => {
  const { say, at, property: label } = useTexts(resource.id)
  const navigate = useNavigate()
  const { search } = useLocation()
  const { login, ip, staleSince } = record.params
  const who = [login || say('noLogin'), ip].filter(Boolean).join(', ')
  const canShow = record.recordActions.some(({ name }) => name === 'show')
  const url = new ViewHelpers().recordActionUrl({
    resourceId: resource.id,
    recordId: record.id,
    actionName: 'show',
    search,
  })

  const open = (event: React.MouseEvent<HTMLElement>) => {
    const onControl = (event.target as HTMLElement).closest('a, button, input')
    const selecting = window.getSelection()?.toString()
    if (canShow && !onControl && !selecting) navigate(url)
  }

  return (
    <TableRow
      className={ticked ? 'selected' : 'not-selected'}
      data-id={record.id}
      onClick={open}
      title={hasLeft ? say('rowLeft') : staleSince ? say('rowStale', { time: at(String(staleSince)) }) : undefined}
      style={{ opacity: hasLeft ? 0.4 : staleSince ? 0.55 : undefined, cursor: canShow ? 'pointer' : undefined }}
    >
      <TableCell style={{ ...cellStyle, textAlign: 'center' }}>
        {canBeTicked(record) && !hasLeft ? (
          <CheckBox aria-label={say('tick', { login: who })} checked={ticked} onChange={onTick} />
        ) : null}
      </TableCell>
      {resource.listProperties.map((property) => (
        <TableCell
          key={property.propertyPath}
          style={cellStyle}
          display={displayOf(property)}
          data-property-name={property.propertyPath}
        >
          <BasePropertyComponent where="list" property={property} resource={resource} record={record} />
          {property.isTitle ? (
            <Box as="div" display={['flex', 'flex', 'none']} mt="sm" style={{ fontSize: 12, gap: 16 }}>
              {record.params.status ? <Status record={record} resourceId={resource.id} /> : null}
              <span>
                {label('lastActiveAt')}: <Idle record={record} resourceId={resource.id} />
              </span>
            </Box>
          ) : null}
        </TableCell>
      ))}
      <TableCell style={{ ...cellStyle, whiteSpace: 'nowrap', textAlign: 'right' }} className="options">
        {canBeTicked(record) && !hasLeft ? (
          <Link
            to={removeOneUrl(resource.id, record.id, search)}
            className="remove-one"
            aria-label={say('removeOne', { login: who })}
            title={say('removeOne', { login: who })}
            style={{ color: 'inherit' }}
          >
            <Icon icon="XCircle" color="error" />
          </Link>
        ) : null}
        {canShow ? (
          <Link to={url} aria-label={say('show', { login: who })} style={{ color: 'inherit' }}>
            <Icon icon="ChevronRight" />
          </Link>
        ) : null}
      </TableCell>
    </TableRow>
  )
}

/** Narrower than AdminJS's own padding, because there are eight columns; it is part of the column's width. */
const cellStyle: React.CSSProperties = { padding: '16px 8px', boxSizing: 'border-box' }

/** On a phone only the title has a column, as in AdminJS's own list. */
function displayOf(property: BasePropertyJSON): string[] {
  const small = property.isTitle ? 'table-cell' : 'none'
  return [small, small, 'table-cell']
}

const headStyle: React.CSSProperties = { ...cellStyle, textAlign: 'left', fontWeight: 700 }

/** Width of the columns for the checkbox and for the link to the record, in px. */
const narrowWidth = 36
/** Of the column for what can be done with one row. */
const actionsWidth = 60

/** Column widths in px; they grow in proportion where there is more room. */
const widths: Record<string, number> = {
  login: 125,
  status: 120,
  domain: 130,
  fileName: 170,
  progress: 100,
  connectedAt: 90,
  lastActiveAt: 80,
  userAgent: 170,
}

function widthOf(propertyPath: string): number {
  return widths[propertyPath] ?? 110
}
