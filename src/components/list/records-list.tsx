import { Box, Loader } from '@adminjs/design-system'
import type { ActionProps, RecordJSON } from 'adminjs'
import React, { useEffect, useRef, useState } from 'react'
import { visible } from '../../text/printable.js'
import { useFocusReturn } from '../shared/focus-return.js'
import { Home } from '../shared/home.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { useTexts } from '../shared/use-texts.js'
import { ColumnChoice } from './column-choice.js'
import { useColumns } from './columns.js'
import { hasFilters } from './filters.js'
import { NoRows } from './no-rows.js'
import { ListFailure } from './list-failure.js'
import { Pages } from './list-toolbar.js'
import { RecordTable } from './record-table.js'
import { useSteadyRows } from './steady-rows.js'
import { useListQuery, useLiveList } from './use-live-list.js'
import { faded } from '../shared/dim.js'

/** The list of any table beside those of sessions: kept up to date, never blank, no row moved under the pointer. */
const RecordsList: React.FC<ActionProps> = (props) => <ListOfOne key={props.resource.id} {...props} />

const noRecords: RecordJSON[] = []

const ListOfOne: React.FC<ActionProps> = ({ resource, setTag }) => {
  const { say } = useTexts(resource.id)
  const { query, setPerPage } = useListQuery()
  const list = useLiveList(resource.id, query)
  const { answer, failure, loggedOut } = list
  const home = useRef<HTMLElement>(null)
  useFocusReturn(answer !== null, home)
  const [held, setHeld] = useState(false)
  const steady = useSteadyRows(answer?.records ?? noRecords, held, query)
  const columns = useColumns(resource)

  useEffect(() => {
    if (answer) setTag?.(String(answer.meta.total))
  }, [answer])

  return (
    <Home variant="container" as="main" home={home}>
      {loggedOut ? <LoggedOutNote resourceId={resource.id} /> : null}
      <ListFailure list={list} resourceId={resource.id} />
      {!answer && failure === null && !loggedOut ? <Loader /> : null}
      {answer ? (
        <div style={{ opacity: loggedOut ? faded : undefined }}>
          <Box as="div" flex justifyContent="flex-end" mb="default">
            <ColumnChoice columns={columns} resourceId={resource.id} />
          </Box>
          {steady.records.length > 0 ? (
            <RecordTable
              resource={resource}
              columns={columns.shown}
              records={steady.records}
              nameOf={(record) => visible(record.title || record.id)}
              left={steady.left}
              dimmed={failure !== null}
              onHold={setHeld}
              direction={answer.meta.direction}
              sortBy={answer.meta.sortBy}
            />
          ) : (
            <NoRows list={list}>{say(hasFilters(query) ? 'emptyFilter' : 'noRecordsInResource')}</NoRows>
          )}
          <Pages meta={answer.meta} resourceId={resource.id} onPerPage={setPerPage} />
        </div>
      ) : null}
    </Home>
  )
}

export default RecordsList
