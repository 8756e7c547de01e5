import { Box, Button, Icon, Pagination, Text } from '@adminjs/design-system'
import { type ResourceJSON, useNotice, useQueryParams, ViewHelpers } from 'adminjs'
import React, { useEffect, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { Totals } from '../../actions/page-answers.js'
import { type ListOf, type LiveList, type SessionList, useRefresh } from './use-live-list.js'
import { useTexts } from '../shared/use-texts.js'
import { removeAllPageUrl } from '../shared/urls.js'
import { ColumnChoice } from './column-choice.js'
import type { Columns } from './columns.js'
import { hasFilters } from './filters.js'
import { pageSizes } from './page-size.js'
import { canBeTicked, mostTicked, type Ticks } from './selection.js'

interface Props {
  resource: ResourceJSON
  list: LiveList<SessionList>
  query: string
  columns: Columns
  ticks: Ticks
  /** How many of the ticked sessions have ended by themselves since they were ticked. */
  vanished: number
  onUntickAll(): void
}

/** Above the table: what can be done with the ticked rows, how fresh the list is, and Refresh. */
export const ListToolbar: React.FC<Props> = ({ resource, list, query, columns, ticks, vanished, onUntickAll }) => {
  const { say, why, button, action } = useTexts(resource.id)
  const addNotice = useNotice()
  const navigate = useNavigate()
  const refreshNow = useRefresh(resource.id, list)
  const [refreshing, setRefreshing] = useState(false)

  const refresh = async () => {
    setRefreshing(true)
    try {
      await refreshNow()
    } catch (error) {
      addNotice({ message: why(error as Error), type: 'error' })
    } finally {
      setRefreshing(false)
    }
  }

  const bulkActions = new Map(
    [...ticks.values()].flatMap(({ bulkActions }) => bulkActions.map((one) => [one.name, one])),
  )
  const open = (actionName: string) =>
    navigate(
      new ViewHelpers().bulkActionUrl({
        resourceId: resource.id,
        actionName,
        recordIds: [...ticks.keys()],
        search: query,
      }),
    )

  /** Of all pages; a hint of it as soon as the whole of one is ticked. */
  const removeAll = () => navigate(removeAllPageUrl(resource.id, `?${query}`))
  const boxes = list.answer?.records.filter(canBeTicked) ?? []
  const wholePage = boxes.length > 0 && boxes.every(({ id }) => ticks.has(id))
  const more = list.answer ? list.answer.meta.total > list.answer.records.length : false

  return (
    <Box
      as="div"
      flex
      alignItems="center"
      justifyContent="space-between"
      px={['default', 'default', 0]}
      style={{ gap: 16, minHeight: 40, flexWrap: 'wrap' }}
    >
      <Box as="div" flex alignItems="center" style={{ gap: 16, flexWrap: 'wrap' }}>
        {ticks.size === 0 && list.answer ? (
          <TotalsLine {...list.answer.sessions.totals} resourceId={resource.id} />
        ) : null}
        <span role="status">
          {ticks.size > 0 ? say('ticked', { count: ticks.size }) : null}
          {ticks.size > 0 && vanished > 0 ? ' · ' : null}
          {vanished > 0 ? say('tickedVanished', { count: vanished }) : null}
          {ticks.size >= mostTicked ? ` · ${say('mostTicked', { count: mostTicked })}` : null}
        </span>
        {[...bulkActions.values()].map(({ name, label, icon, variant }) => (
          <Button
            key={name}
            id={`bulk-${name}`}
            type="button"
            size="sm"
            rounded
            {...(variant === 'danger' ? { variant: 'contained', color: 'danger' } : { variant, color: 'text' })}
            disabled={list.failure !== null}
            onClick={() => open(name)}
          >
            {icon ? <Icon icon={icon} /> : null}
            {action(label)}
          </Button>
        ))}
        {list.answer &&
        list.isOfTheseFilters &&
        list.answer.sessions.canRemove &&
        (hasFilters(query) || (wholePage && more)) ? (
          <Button
            type="button"
            size="sm"
            rounded
            variant="outlined"
            color="text"
            id="remove-all"
            disabled={list.failure !== null}
            onClick={removeAll}
          >
            {button('removeAll', { count: list.answer.meta.total })}
          </Button>
        ) : null}
        {ticks.size > 0 ? (
          <Button
            type="button"
            size="icon"
            rounded
            variant="text"
            color="text"
            aria-label={button('untickAll')}
            title={button('untickAll')}
            onClick={onUntickAll}
          >
            <Icon icon="X" />
          </Button>
        ) : null}
      </Box>
      <Box as="div" flex alignItems="center" style={{ gap: 16 }}>
        <Button type="button" size="sm" rounded variant="light" color="text" disabled={refreshing} onClick={refresh}>
          <Icon icon="RefreshCw" spin={refreshing} />
          {button('refresh')}
        </Button>
        <ColumnChoice columns={columns} resourceId={resource.id} />
      </Box>
    </Box>
  )
}

/** `Uploading: 3 · Idle: 12 · up 1.2 MB/s`: what all sessions that match add up to. */
const TotalsLine: React.FC<Totals & { resourceId: string }> = ({
  online,
  statuses,
  up,
  down,
  asLastSeen,
  resourceId,
}) => {
  const { say, word, speed } = useTexts(resourceId)
  const parts = [
    online === null ? null : say('totalOnline', { count: online }),
    ...Object.entries(statuses).map(([status, count]) => `${word('status', status)}: ${count}`),
    up === null ? null : say('totalUp', { speed: speed(up) }),
    down === null ? null : say('totalDown', { speed: speed(down) }),
    asLastSeen === 0 ? null : say('totalAsLastSeen', { count: asLastSeen }),
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : (
    <span aria-label={say('totals')} role="group" style={{ fontSize: 12, fontVariantNumeric: 'tabular-nums' }}>
      {parts.join(' · ')}
    </span>
  )
}

/** AdminJS's pagination, with names for its buttons, which are icons alone, and how many rows a page has. */
export const Pages: React.FC<{ meta: ListOf['meta']; resourceId: string; onPerPage(rows: number): void }> = ({
  meta,
  resourceId,
  onPerPage,
}) => {
  const { button, say } = useTexts(resourceId)
  const { storeParams } = useQueryParams()
  const around = useRef<HTMLDivElement>(null)

  useEffect(() => {
    for (const place of ['first', 'previous', 'next', 'last']) {
      around.current?.querySelector(`[data-testid="${place}"]`)?.setAttribute('aria-label', button(`${place}Page`))
    }
  })

  return (
    <div ref={around}>
      <Text mt="xl" textAlign="center">
        <Pagination
          page={meta.page}
          perPage={meta.perPage}
          total={meta.total}
          onChange={(page) => storeParams({ page: String(page) })}
        />
      </Text>
      <Box as="label" flex alignItems="center" style={{ gap: 8, fontSize: 12 }}>
        {say('perPage')}
        <select
          value={meta.perPage}
          onChange={(event) => onPerPage(Number(event.target.value))}
          style={{ font: 'inherit', color: 'inherit', background: 'transparent', padding: '4px 8px' }}
        >
          {pageSizes(meta.perPage).map((rows) => (
            <option key={rows} value={rows} style={{ color: 'initial' }}>
              {rows}
            </option>
          ))}
        </select>
      </Box>
    </div>
  )
}
