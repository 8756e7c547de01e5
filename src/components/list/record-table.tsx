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
import { OneLine } from '../shared/cell.js'
import { unseen } from '../shared/unseen.js'
import { useNarrow } from '../shared/use-narrow.js'
import { useTexts } from '../shared/use-texts.js'
import { faded, quiet } from '../shared/dim.js'

/** What a list's rows can be ticked for. */
export interface Tickable {
  can(record: RecordJSON): boolean
  has(record: RecordJSON): boolean
  toggle(record: RecordJSON): void
  toggleAll(): void
}

interface Props {
  resource: ResourceJSON
  columns: BasePropertyJSON[]
  records: RecordJSON[]
  direction: 'asc' | 'desc'
  sortBy: string
  /** Whom or what a record is about, for who can't see the row. */
  nameOf(record: RecordJSON): string
  /** Ids of rows that are no longer on the page. */
  left?: ReadonlySet<string>
  /** The back office does not answer: these are as they were last seen. */
  dimmed?: boolean
  /** Told when the pointer or the focus comes into the rows, and when it leaves them. */
  onHold?(held: boolean): void
  tickable?: Tickable
  /** What can be done with a row beside opening its record. */
  doWith?(record: RecordJSON): React.ReactNode
}

const noneLeft: ReadonlySet<string> = new Set()

/**
 * AdminJS's table of records, with columns of a fixed width (a list that changes each second must not move) and a name on
 * every checkbox; on a phone each record is a card with all of it.
 */
export const RecordTable: React.FC<Props> = (props) => {
  const { dimmed = false, onHold } = props
  const narrow = useNarrow()
  return (
    <div
      style={{ overflowX: 'auto', opacity: dimmed ? faded : undefined }}
      onPointerEnter={() => onHold?.(true)}
      onPointerLeave={(event) => onHold?.(event.currentTarget.querySelector(':focus-visible') !== null)}
      // By the keyboard: whoever closes a drawer by a click gets the focus back and wants the rows to go on.
      onFocus={(event) => {
        if (event.target.matches(':focus-visible')) onHold?.(true)
      }}
      onBlur={(event) =>
        onHold?.(event.currentTarget.matches(':hover') || event.currentTarget.contains(event.relatedTarget))
      }
    >
      {narrow ? <Cards {...props} /> : <Rows {...props} />}
    </div>
  )
}

const Rows: React.FC<Props> = (props) => {
  const { resource, columns, records, direction, sortBy, left = noneLeft, tickable } = props
  const { say } = useTexts(resource.id)
  const least = columns.reduce(
    (sum, { propertyPath }) => sum + widthOf(propertyPath),
    actionsWidth + (tickable ? narrowWidth : 0),
  )
  return (
    <Table style={{ tableLayout: 'fixed', minWidth: least }}>
      <TableHead>
        <TableRow>
          {tickable ? (
            <TableCell as="th" scope="col" style={{ ...headStyle, width: narrowWidth, textAlign: 'center' }}>
              <TickAll {...props} tickable={tickable} />
            </TableCell>
          ) : null}
          {columns.map((property) => (
            <HeaderCell key={property.propertyPath} property={property} direction={direction} sortBy={sortBy} />
          ))}
          <TableCell as="th" scope="col" style={{ ...headStyle, width: actionsWidth }}>
            <span style={unseen}>{say('rowActions')}</span>
          </TableCell>
        </TableRow>
      </TableHead>
      <TableBody>
        <OneLine.Provider value={true}>
          {records.map((record) => (
            <Row key={record.id} {...props} resource={resource} record={record} hasLeft={left.has(record.id)} />
          ))}
        </OneLine.Provider>
      </TableBody>
    </Table>
  )
}

const TickAll: React.FC<Props & { tickable: Tickable }> = ({ resource, records, tickable }) => {
  const { say } = useTexts(resource.id)
  const boxes = records.filter(tickable.can)
  return boxes.length > 0 ? (
    <CheckBox aria-label={say('tickAll')} checked={boxes.every(tickable.has)} onChange={tickable.toggleAll} />
  ) : (
    <span style={unseen}>{say('tickAll')}</span>
  )
}

const HeaderCell: React.FC<{
  property: BasePropertyJSON
  direction: 'asc' | 'desc'
  sortBy: string
}> = ({ property, direction, sortBy }) => {
  const { say, property: label } = useTexts(property.resourceId)
  const sorted = sortBy === property.propertyPath
  const order = `${orderOf(property)}.${direction}`
  return (
    <TableCell
      as="th"
      scope="col"
      aria-sort={sorted ? (direction === 'asc' ? 'ascending' : 'descending') : undefined}
      title={sorted ? say(`order.${order}`) : say('sortBy')}
      style={{ ...headStyle, width: widthOf(property.propertyPath) }}
    >
      {property.isSortable ? (
        <SortLink property={property} direction={direction} sortBy={sortBy} />
      ) : (
        <span style={{ fontSize: 12 }}>{label(property.label)}</span>
      )}
    </TableCell>
  )
}

/** What the two directions of a column mean. */
function orderOf({ propertyPath, type }: BasePropertyJSON): 'idle' | 'time' | 'number' | 'text' {
  if (propertyPath === 'lastActiveAt') return 'idle'
  return type === 'datetime' ? 'time' : type === 'number' ? 'number' : 'text'
}

type RowProps = Props & { record: RecordJSON; hasLeft: boolean }

/** What a row and a card have in common: where a click leads, and how one looks that is not as it was. */
function useRow({ resource, record, hasLeft, nameOf }: RowProps) {
  const { say, at } = useTexts(resource.id)
  const navigate = useNavigate()
  const { search } = useLocation()
  const { staleSince } = record.params
  const canShow = record.recordActions.some(({ name }) => name === 'show')
  const url = new ViewHelpers().recordActionUrl({
    resourceId: resource.id,
    recordId: record.id,
    actionName: 'show',
    search,
  })
  return {
    who: nameOf(record),
    url: canShow ? url : null,
    'data-id': record.id,
    title: hasLeft ? say('rowLeft') : staleSince ? say('rowStale', { time: at(String(staleSince)) }) : undefined,
    style: {
      opacity: hasLeft || staleSince ? faded : undefined,
      textDecoration: hasLeft ? 'line-through' : undefined,
      cursor: canShow ? 'pointer' : undefined,
    },
    onClick(event: React.MouseEvent<HTMLElement>) {
      const onControl = (event.target as HTMLElement).closest('a, button, input, label')
      const selecting = window.getSelection()?.toString()
      if (canShow && !onControl && !selecting) navigate(url)
    },
  }
}

/** A click opens its record, the checkbox ticks it. Dimmed while its source does not answer. */
const Row: React.FC<RowProps> = (props) => {
  const { resource, columns, record, hasLeft, tickable, doWith } = props
  const { who, url, ...row } = useRow(props)
  return (
    <TableRow className={tickable?.has(record) ? 'selected' : 'not-selected'} {...row}>
      {tickable ? (
        <TableCell style={{ ...cellStyle, textAlign: 'center' }}>
          <Tick {...props} tickable={tickable} who={who} />
        </TableCell>
      ) : null}
      {columns.map((property) => (
        <TableCell key={property.propertyPath} style={cellStyle} data-property-name={property.propertyPath}>
          <BasePropertyComponent where="list" property={property} resource={resource} record={record} />
        </TableCell>
      ))}
      <TableCell style={{ ...cellStyle, whiteSpace: 'nowrap', textAlign: 'right' }} className="options">
        {hasLeft ? null : doWith?.(record)}
        <Open resourceId={resource.id} url={url} who={who} />
      </TableCell>
    </TableRow>
  )
}

/** The title and what can be done on top, then every column that has something to say. */
const Cards: React.FC<Props> = (props) => {
  const { resource, records, left = noneLeft, tickable } = props
  const { say } = useTexts(resource.id)
  return (
    <>
      {tickable ? (
        <Box as="label" flex px="default" pb="default" alignItems="center" style={{ gap: 12, fontSize: 12 }}>
          <TickAll {...props} tickable={tickable} />
          <span aria-hidden="true">{say('tickAll')}</span>
        </Box>
      ) : null}
      <ul>
        {records.map((record) => (
          <Card key={record.id} {...props} record={record} hasLeft={left.has(record.id)} />
        ))}
      </ul>
    </>
  )
}

const Card: React.FC<RowProps> = (props) => {
  const { resource, columns, record, hasLeft, tickable, doWith } = props
  const { property: label } = useTexts(resource.id)
  const { who, url, ...row } = useRow(props)
  const title = columns.find(({ isTitle }) => isTitle)
  const others = columns.filter(
    ({ isTitle, propertyPath: path }) => !isTitle && fieldsIn(path).some((field) => hasText(record.params[field])),
  )
  return (
    <Box as="li" px="default" py="lg" borderBottom="1px solid" borderColor="border" {...row}>
      <Box as="div" flex alignItems="start" style={{ gap: 12 }}>
        {tickable ? <Tick {...props} tickable={tickable} who={who} /> : null}
        <Box as="div" flexGrow={1} data-property-name={title?.propertyPath} style={{ minWidth: 0 }}>
          {title ? <BasePropertyComponent where="list" property={title} resource={resource} record={record} /> : who}
        </Box>
        <Box as="div" flexShrink={0} style={{ display: 'flex', gap: 8 }}>
          {hasLeft ? null : doWith?.(record)}
          <Open resourceId={resource.id} url={url} who={who} />
        </Box>
      </Box>
      <Box
        as="dl"
        mt="default"
        style={{ display: 'grid', gridTemplateColumns: 'minmax(80px, auto) 1fr', gap: '6px 16px', fontSize: 12 }}
      >
        {others.map((property) => (
          <React.Fragment key={property.propertyPath}>
            <dt style={{ opacity: quiet }}>{label(property.label)}</dt>
            <dd style={{ margin: 0, minWidth: 0 }} data-property-name={property.propertyPath}>
              <BasePropertyComponent where="list" property={property} resource={resource} record={record} />
            </dd>
          </React.Fragment>
        ))}
      </Box>
    </Box>
  )
}

/** What a column shows beside its own field. */
const alsoIn: Record<string, string[]> = { fileName: ['location'], progress: ['transferredBytes', 'bytesPerSecond'] }

const fieldsIn = (path: string) => [path, ...(alsoIn[path] ?? [])]

function hasText(value: unknown): boolean {
  return value !== null && value !== undefined && value !== ''
}

const Tick: React.FC<RowProps & { tickable: Tickable; who: string }> = ({
  resource,
  record,
  hasLeft,
  tickable,
  who,
}) => {
  const { say } = useTexts(resource.id)
  return tickable.can(record) && !hasLeft ? (
    <CheckBox
      aria-label={say('tick', { login: who })}
      checked={tickable.has(record)}
      onChange={() => tickable.toggle(record)}
    />
  ) : null
}

const Open: React.FC<{ resourceId: string; url: string | null; who: string }> = ({ resourceId, url, who }) => {
  const { say } = useTexts(resourceId)
  return url === null ? null : (
    <Link to={url} aria-label={say('show', { login: who })} style={{ color: 'inherit' }}>
      <Icon icon="ChevronRight" />
    </Link>
  )
}

/** Narrower than AdminJS's own padding, because there are eight columns; it is part of the column's width. */
const cellStyle: React.CSSProperties = { padding: '14px 6px', boxSizing: 'border-box' }

const headStyle: React.CSSProperties = { ...cellStyle, textAlign: 'left', fontWeight: 700 }

/** Width of the columns for the checkbox and for what can be done with one row, in px. */
const narrowWidth = 36
const actionsWidth = 84

/** The least widths of columns, in px; they grow in proportion where there is more room. */
const widths: Record<string, number> = {
  login: 95,
  status: 128,
  domain: 105,
  fileName: 125,
  progress: 90,
  ip: 95,
  connectedAt: 80,
  lastActiveAt: 84,
  host: 84,
  userAgent: 150,
  kind: 55,
  outcome: 220,
  removedBy: 140,
  state: 120,
  reason: 140,
  error: 170,
  warning: 130,
  evidence: 70,
  sessions: 80,
}

function widthOf(propertyPath: string): number {
  return widths[propertyPath] ?? 100
}
