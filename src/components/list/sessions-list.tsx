import { Box, Button, Loader } from '@adminjs/design-system'
import type { ActionProps, RecordJSON } from 'adminjs'
import React, { useEffect, useRef, useState } from 'react'
import { ask, goneUrl, withTextIds } from '../shared/http.js'
import { ListFailure } from './list-failure.js'
import { ListToolbar, Pages } from './list-toolbar.js'
import { type SessionList, useListQuery, useLiveList } from './use-live-list.js'
import type { ListExtras } from '../../actions/page-answers.js'
import { useFocusReturn } from '../shared/focus-return.js'
import { Home } from '../shared/home.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { SessionTable } from './session-table.js'
import { SourceNotes, SourceTroubles } from './source-health.js'
import { type Texts, useTexts } from '../shared/use-texts.js'
import { hasFilters } from './filters.js'
import { NoRows } from './no-rows.js'
import { ListFilters } from './list-filters.js'
import { useSteadyRows } from './steady-rows.js'
import { onSeveralHosts, useColumns } from './columns.js'
import { canBeTicked, offPage, refreshed, toggle, toggleAll, useTicks, without } from './selection.js'
import { faded } from '../shared/dim.js'

/** The list of `PanelSession` and `FtpSession`: refreshes by itself, keeps the ticks, never blanks. */
const SessionsList: React.FC<ActionProps> = (props) => (
  // The key: AdminJS reuses the component when one resource's list follows another's, and would show the other's rows.
  <ListOfOne key={props.resource.id} {...props} />
)

const noRecords: RecordJSON[] = []

const ListOfOne: React.FC<ActionProps> = ({ resource, setTag }) => {
  const texts = useTexts(resource.id)
  const { query, recordIds, setPerPage } = useListQuery()
  const list = useLiveList<ListExtras>(resource.id, query)
  const [ticks, changeTicks] = useTicks(resource.id)
  const [vanished, setVanished] = useState(0)
  const { answer } = list
  const home = useRef<HTMLElement>(null)
  useFocusReturn(answer !== null, home)
  const [held, setHeld] = useState(false)
  const columns = useColumns(resource, onSeveralHosts(answer?.sessions.sources))
  const steady = useSteadyRows(answer?.records ?? noRecords, held, query)

  useEffect(() => {
    if (!answer) return
    setTag?.(String(answer.meta.total))
    // The page was reloaded at a drawer's address: the drawer's sessions are ticked.
    const asked = ticks.size === 0 ? answer.records.filter(({ id }) => recordIds.includes(id)) : []
    changeTicks((before) => refreshed(asked.length > 0 ? toggleAll(before, asked) : before, answer.records))

    const elsewhere = offPage(ticks, answer.records)
    if (elsewhere.length === 0) return
    const life = new AbortController()
    ask<Pick<SessionList, 'records'>>(goneUrl(resource.id, elsewhere), { poll: true, signal: life.signal })
      .then(({ records }) => {
        const gone = withTextIds(records).map(({ id }) => id)
        if (gone.length === 0) return
        changeTicks((before) => without(before, gone))
        setVanished((before) => before + gone.length)
      })
      // Not known whether they still exist: they stay ticked, and the next answer asks again.
      .catch(() => undefined)
    return () => life.abort()
  }, [answer])

  const change: typeof changeTicks = (make) => {
    setVanished(0)
    changeTicks(make)
  }

  return (
    <Home variant="container" as="main" home={home}>
      {list.loggedOut ? <LoggedOutNote resourceId={resource.id} /> : null}
      <ListFailure list={list} resourceId={resource.id} />
      {!answer && list.failure === null && !list.loggedOut ? <Loader /> : null}
      {answer ? (
        <div style={{ opacity: list.loggedOut ? faded : undefined }}>
          <SourceTroubles {...answer.sessions} resourceId={resource.id} />
          {list.loggedOut ? null : <ListFilters resourceId={resource.id} />}
          {list.loggedOut ? null : (
            <ListToolbar
              resource={resource}
              list={list}
              query={query}
              columns={columns}
              ticks={ticks}
              vanished={vanished}
              onUntickAll={() => change(() => new Map())}
            />
          )}
          <Box as="div" role="status" style={{ minHeight: 24, fontSize: 12 }}>
            {steady.waiting > 0 ? (
              <Button type="button" size="sm" variant="text" color="text" onClick={steady.letIn}>
                {texts.button('showNew', { count: steady.waiting })}
              </Button>
            ) : null}
          </Box>
          {steady.records.length > 0 ? (
            <SessionTable
              resource={resource}
              records={steady.records}
              left={steady.left}
              dimmed={list.failure !== null}
              onHold={setHeld}
              direction={answer.meta.direction}
              sortBy={answer.meta.sortBy}
              columns={columns.shown}
              tickable={{
                can: canBeTicked,
                has: ({ id }) => ticks.has(id),
                toggle: (record) => change((before) => toggle(before, record)),
                toggleAll: () => change((before) => toggleAll(before, answer.records)),
              }}
            />
          ) : (
            <NoRows list={list}>{texts.say(emptiness(answer, query))}</NoRows>
          )}
          <SourceNotes {...answer.sessions} resourceId={resource.id} />
          <Pages meta={answer.meta} resourceId={resource.id} onPerPage={setPerPage} />
        </div>
      ) : null}
    </Home>
  )
}

/** Why there are no rows: claims no more than is known. */
function emptiness({ meta, sessions: { sources, unseen } }: SessionList, query: string): Parameters<Texts['say']>[0] {
  if (meta.total > 0) return 'emptyPage'
  if (hasFilters(query)) return 'emptyFilter'
  if (sources.length + unseen.sources === 0) return 'emptyNoSource'
  const known = sources.every(({ state }) => state === 'ok') && unseen.failing + unseen.starting === 0
  return known ? 'empty' : 'emptyUnknown'
}

export default SessionsList
