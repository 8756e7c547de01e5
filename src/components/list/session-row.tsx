import { Box, CheckBox, Icon, TableCell, TableRow } from '@adminjs/design-system'
import { BasePropertyComponent, type BasePropertyJSON, type RecordJSON, type ResourceJSON, ViewHelpers } from 'adminjs'
import React from 'react'
import { useLocation, useNavigate } from 'react-router'
import { Link } from 'react-router-dom'
import { Idle } from '../cells/idle-cell.js'
import { Status } from '../cells/status-cell.js'
import { useTexts } from '../shared/use-texts.js'
import { canBeTicked } from './selection.js'

interface Props {
  resource: ResourceJSON
  record: RecordJSON
  ticked: boolean
  onTick(): void
}

/** One session: a click opens its record, the checkbox ticks it. Dimmed while its source does not answer. */
export const SessionRow: React.FC<Props> = ({ resource, record, ticked, onTick }) => {
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
      title={staleSince ? say('rowStale', { time: at(String(staleSince)) }) : undefined}
      style={{ opacity: staleSince ? 0.55 : undefined, cursor: canShow ? 'pointer' : undefined }}
    >
      <TableCell style={{ ...CELL, textAlign: 'center' }}>
        {canBeTicked(record) ? (
          <CheckBox aria-label={say('tick', { login: who })} checked={ticked} onChange={onTick} />
        ) : null}
      </TableCell>
      {resource.listProperties.map((property) => (
        <TableCell
          key={property.propertyPath}

          style={CELL}
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
      <TableCell style={CELL} className="options">
        {canShow ? (
          <Link to={url} aria-label={say('show', { login: who })} style={{ color: 'inherit' }}>
            <Icon icon="ChevronRight" />
          </Link>
        ) : null}
      </TableCell>
    </TableRow>
  )
}

/** Closer than AdminJS sets them, for there are eight; the padding is inside the column's width. */
export const CELL: React.CSSProperties = { padding: '16px 8px', boxSizing: 'border-box' }

/** On a phone only the title has a column, as in AdminJS's own list. */
export function displayOf(property: BasePropertyJSON): string[] {
  const small = property.isTitle ? 'table-cell' : 'none'
  return [small, small, 'table-cell']
}
