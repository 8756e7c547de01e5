import { Box, Button, H3, MessageBox } from '@adminjs/design-system'
import { type ActionProps, type BasePropertyJSON, type ResourceJSON, useResource, ViewHelpers } from 'adminjs'
import React, { useEffect, useMemo } from 'react'
import { useLocation } from 'react-router'
import { asDate } from '../../text/format.js'
import { lastedMs } from '../cells/value-cell.js'
import { SessionTable } from '../list/session-table.js'
import { SourceNotes, SourceTroubles } from '../list/source-health.js'
import type { ListExtras, LiveAnswer, SourceAnswer } from '../../actions/page-answers.js'
import { onSeveralHosts } from '../list/columns.js'
import { type SessionList, useLiveList } from '../list/use-live-list.js'
import { RecordLine, RemovalLine } from '../remove/removal-line.js'
import { ScopeRemovalForm } from '../remove/scope-removal.js'
import { useScopeRemoval, type Scope } from '../remove/use-scope-removal.js'
import { OutsideText } from '../shared/cell.js'
import { Home } from '../shared/home.js'
import { keptOutText } from '../shared/kept-out-text.js'
import { Linked } from '../shared/linked.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { useTexts } from '../shared/use-texts.js'
import { keepOutUrl, recordUrl } from '../shared/urls.js'
import { apiUrl, type WithNotice } from '../shared/http.js'
import { type Live, useLive } from '../shared/use-live.js'

/** How many rows of each kind this page has; the lists have all. */
const rows = 50

const kinds = ['PanelSession', 'FtpSession'] as const

/** Everything of one person, or from one address: what is open, what was removed, what has ended, who is kept out. Ends all of it at once. */
const Everything: React.FC<ActionProps> = (props) => {
  const { search } = useLocation()
  // The key: nothing of one person may be shown as another's.
  return <EverythingOfOne key={search} {...props} search={search} />
}

const EverythingOfOne: React.FC<ActionProps & { search: string }> = ({ resource, setTag, search }) => {
  const { say, button } = useTexts(resource.id)
  const asked = new URLSearchParams(search)
  const by = asked.has('ip') ? 'ip' : 'person'
  const who = asked.get(by) ?? ''
  const filters = new URLSearchParams({ [`filters.${by}`]: `=${who}` }).toString()
  const scopes = useMemo((): Scope[] => kinds.map((resourceId) => ({ resourceId, query: filters })), [filters])
  const query = `${filters}&perPage=${rows}`
  // One question waits for all of them, and they are asked for when it is answered.
  const live = useLive({
    name: `everything ${filters}`,
    url: apiUrl(resource.id, ['actions', 'everything']),
    read: asItIs,
  })
  const beat = live.answer?.sessions.revision ?? String(live.answeredAt)
  const lists = {
    PanelSession: useLiveList<ListExtras>('PanelSession', query, `everything/PanelSession ${filters}`, beat),
    FtpSession: useLiveList<ListExtras>('FtpSession', query, `everything/FtpSession ${filters}`, beat),
  }
  const asOf = kinds.map((kind) => lists[kind].answer?.records.map(({ id }) => id).join()).join(' ')
  const removal = useScopeRemoval(scopes, asOf)

  useEffect(() => setTag?.(who), [who])

  if (who === '') return <MessageBox m="lg" variant="info" message={say('nobodyNamed')} />
  return (
    <Home as="main" px={['default', 'default', 0]} pb="xxl">
      <Box variant="container" mb="xl">
        <ScopeRemovalForm removal={removal} resourceId={resource.id} bare>
          <Button as="a" variant="text" color="text" href={keepOutUrl(by === 'ip' ? 'ip' : 'login', who)}>
            {button('keepOut')}
          </Button>
        </ScopeRemovalForm>
      </Box>
      {kinds.map((resourceId) => (
        <OpenSessions
          key={resourceId}
          resourceId={resourceId}
          filters={filters}
          list={lists[resourceId]}
          asking={live}
        />
      ))}
      <Removals resourceId={resource.id} filters={filters} beat={beat} />
      <Ended resourceId={resource.id} filters={filters} beat={beat} />
      <KeptOut resourceId={resource.id} who={who} beat={beat} />
    </Home>
  )
}

/** An answer that says no more than that something has changed. */
function asItIs(said: unknown): WithNotice & { sessions: LiveAnswer } {
  return said as WithNotice & { sessions: LiveAnswer }
}

const titleStyle: React.CSSProperties = { fontSize: 18 }

const Part: React.FC<React.PropsWithChildren<{ title: string; count: number | null; to: string }>> = ({
  title,
  count,
  to,
  children,
}) => (
  <Box variant="container" mb="xl">
    <H3 mb="lg" style={titleStyle}>
      <Linked to={to}>{title}</Linked>
      {count === null ? null : ` (${count})`}
    </H3>
    {children}
  </Box>
)

/** The person's sessions of one kind, live. */
const OpenSessions: React.FC<{
  resourceId: string
  filters: string
  list: Live<SessionList>
  /** The question that waits for a change. */
  asking: Live<unknown>
}> = ({ resourceId, filters, list: { answer, ...list }, asking }) => {
  const failure = list.failure ?? asking.failure
  const loggedOut = list.loggedOut || asking.loggedOut
  const { say, action, why } = useTexts(resourceId)
  const resource = useResource(resourceId)
  if (!resource) return null
  return (
    <Part title={action('list')} count={answer?.meta.total ?? null} to={listUrl(resourceId, filters)}>
      {loggedOut ? <LoggedOutNote resourceId={resourceId} /> : null}
      {failure !== null ? (
        <MessageBox mb="lg" variant="danger" message={say('neverAnswered')}>
          {why(failure)}
        </MessageBox>
      ) : null}
      {answer ? <SourceTroubles {...answer.sessions} resourceId={resourceId} /> : null}
      {answer && answer.records.length > 0 ? (
        <SessionTable
          resource={resource}
          columns={withHost(resource, answer.sessions.sources)}
          records={answer.records.map((record) => ({ ...record, bulkActions: [] }))}
          direction={answer.meta.direction}
          sortBy={answer.meta.sortBy}
        />
      ) : null}
      {answer && answer.records.length === 0 ? <p>{say('nothingOpen')}</p> : null}
      {answer ? <SourceNotes {...answer.sessions} resourceId={resourceId} /> : null}
    </Part>
  )
}

/** The usual columns, and the host where there are several. */
function withHost({ listProperties, showProperties }: ResourceJSON, sources: SourceAnswer[]): BasePropertyJSON[] {
  const host = showProperties.filter(({ propertyPath }) => propertyPath === 'host')
  return onSeveralHosts(sources) ? [...listProperties, ...host] : listProperties
}

/** The last removals. Nothing where the admin may not see them. */
const Removals: React.FC<{ resourceId: string; filters: string; beat: string }> = ({ resourceId, filters, beat }) => {
  const { say } = useTexts(resourceId)
  const { action } = useTexts('SessionRemoval')
  const found = useLiveList('SessionRemoval', `${filters}&perPage=10`, `everything/removals ${filters}`, beat).answer
  if (found === null) return null
  return (
    <Part title={action('list')} count={found.meta.total} to={listUrl('SessionRemoval', filters)}>
      {found.records.length === 0 ? <p>{say('nothingRemoved')}</p> : null}
      <ul>
        {found.records.map((record) => (
          <RemovalLine key={record.id} record={record} resourceId={resourceId} />
        ))}
      </ul>
    </Part>
  )
}

/** The last sessions that have ended. Nothing where the admin may not see them. */
const Ended: React.FC<{ resourceId: string; filters: string; beat: string }> = ({ resourceId, filters, beat }) => {
  const { say, moment, fullMoment, duration } = useTexts(resourceId)
  const { action, word } = useTexts('SessionHistory')
  const found = useLiveList('SessionHistory', `${filters}&perPage=10`, `everything/history ${filters}`, beat).answer
  if (found === null) return null
  return (
    <Part title={action('list')} count={found.meta.total} to={listUrl('SessionHistory', filters)}>
      {found.records.length === 0 ? <p>{say('nothingEnded')}</p> : null}
      <ul>
        {found.records.map((record) => {
          const { params } = record
          const at = asDate(params.endedAt)
          const lasted = lastedMs(params)
          return (
            <RecordLine key={record.id} to={recordUrl('SessionHistory', record)}>
              <span>{word('how', String(params.how))}</span>
              {at ? <time title={fullMoment(at)}>{moment(at)}</time> : null}
              <span>{word('kind', String(params.kind))}</span>
              <OutsideText text={[params.login, params.ip].filter(Boolean).join(' · ') || say('noLogin')} whole />
              {lasted === null ? null : <span>{duration(lasted)}</span>}
            </RecordLine>
          )
        })}
      </ul>
    </Part>
  )
}

/** Who of this name or address is kept out now; each opens its record, where it can be released. */
const KeptOut: React.FC<{ resourceId: string; who: string; beat: string }> = ({ resourceId, who, beat }) => {
  const { say, moment } = useTexts(resourceId)
  const { action, word } = useTexts('SessionHold')
  const filters = new URLSearchParams({ 'filters.value': `=${who}` }).toString()
  const found = useLiveList('SessionHold', `${filters}&perPage=20`, `everything/holds ${filters}`, beat).answer
  if (found === null || found.records.length === 0) return null
  return (
    <Part title={action('list')} count={found.meta.total} to={listUrl('SessionHold', filters)}>
      <ul>
        {found.records.map((record) => {
          const until = asDate(record.params.until)
          return (
            <RecordLine key={record.id} to={recordUrl('SessionHold', record)}>
              <span>{word('by', String(record.params.by))}</span>
              <OutsideText text={`${record.params.value} · ${record.params.source}`} whole />
              {until ? <span>{keptOutText(until, { say, moment })}</span> : null}
            </RecordLine>
          )
        })}
      </ul>
    </Part>
  )
}

function listUrl(resourceId: string, filters: string): string {
  return new ViewHelpers().resourceUrl({ resourceId, search: `?${filters}` })
}

export default Everything
