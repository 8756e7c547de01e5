import { Box, Button, H5, Icon, MessageBox } from '@adminjs/design-system'
import { type ActionProps, type RecordJSON, useResource, ViewHelpers } from 'adminjs'
import React, { useEffect, useMemo } from 'react'
import { useLocation } from 'react-router'
import { Link } from 'react-router-dom'
import { asDate } from '../../text/format.js'
import { never } from '../../text/stored-value.js'
import { Outcome } from '../cells/outcome-cell.js'
import { lastedMs } from '../cells/value-cell.js'
import { SessionTable } from '../list/session-table.js'
import { SourceNotes, SourceTroubles } from '../list/source-health.js'
import { type LiveList, useLiveList } from '../list/use-live-list.js'
import { ScopeRemovalForm } from '../remove/scope-removal.js'
import { useScopeRemoval, type Scope } from '../remove/use-scope-removal.js'
import { OutsideText } from '../shared/cell.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { saidIn, type Texts, useTexts } from '../shared/use-texts.js'
import { keepOutUrl } from '../shared/urls.js'
import { useRecords } from './use-records.js'

/** How many rows of each kind this page has; the lists have all. */
const rows = 50

const kinds = ['PanelSession', 'FtpSession'] as const

/** Everything of one person, or from one address: what is open, what was removed, what has ended, who is kept out. Ends all of it at once. */
const Everything: React.FC<ActionProps> = ({ resource, setTag }) => {
  const { say, button } = useTexts(resource.id)
  const { search } = useLocation()
  const asked = new URLSearchParams(search)
  const by = asked.has('ip') ? 'ip' : 'person'
  const who = asked.get(by) ?? ''
  const filters = new URLSearchParams({ [`filters.${by}`]: `=${who}` }).toString()
  const scopes = useMemo((): Scope[] => kinds.map((resourceId) => ({ resourceId, query: filters })), [filters])
  const query = `${filters}&perPage=${rows}`
  const lists = {
    PanelSession: useLiveList('PanelSession', query, 'everything/PanelSession'),
    FtpSession: useLiveList('FtpSession', query, 'everything/FtpSession'),
  }
  const asOf = kinds.map((kind) => lists[kind].answer?.records.map(({ id }) => id).join()).join(' ')
  const removal = useScopeRemoval(scopes, asOf)

  useEffect(() => setTag?.(who), [who])

  if (who === '') return <MessageBox m="lg" variant="info" message={say('nobodyNamed')} />
  return (
    <Box as="div" px={['default', 'default', 0]} pb="xxl">
      <Box variant="container" mb="xl">
        <ScopeRemovalForm removal={removal} resourceId={resource.id} bare>
          <Button as="a" variant="text" href={keepOutUrl(by === 'ip' ? 'ip' : 'login', who)}>
            {button('keepOut')}
          </Button>
        </ScopeRemovalForm>
      </Box>
      {kinds.map((resourceId) => (
        <OpenSessions key={resourceId} resourceId={resourceId} filters={filters} list={lists[resourceId]} />
      ))}
      <Removals key={`removals ${filters}`} resourceId={resource.id} filters={filters} />
      <Ended key={`history ${filters}`} resourceId={resource.id} filters={filters} />
      <KeptOut key={`holds ${filters}`} resourceId={resource.id} who={who} />
    </Box>
  )
}

const Part: React.FC<React.PropsWithChildren<{ title: string; count: number | null; to: string }>> = ({
  title,
  count,
  to,
  children,
}) => (
  <Box variant="container" mb="xl">
    <H5 mb="lg">
      <Link to={to}>{title}</Link>
      {count === null ? null : ` (${count})`}
    </H5>
    {children}
  </Box>
)

/** The person's sessions of one kind, live. */
const OpenSessions: React.FC<{ resourceId: string; filters: string; list: LiveList }> = ({
  resourceId,
  filters,
  list: { answer, failure, loggedOut },
}) => {
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

/** The last removals. Nothing where the admin may not see them. */
const Removals: React.FC<{ resourceId: string; filters: string }> = ({ resourceId, filters }) => {
  const { say, moment, fullMoment } = useTexts(resourceId)
  const { action, sentences, word } = useTexts('SessionRemoval')
  const found = useRecords('SessionRemoval', `${filters}&perPage=10`)
  if (found === null) return null
  return (
    <Part title={action('list')} count={found.total} to={listUrl('SessionRemoval', filters)}>
      {found.records.length === 0 ? <p>{say('nothingRemoved')}</p> : null}
      <ul>
        {found.records.map((record) => {
          const { params } = record
          const at = asDate(params.requestedAt)
          const until = asDate(params.keepOutUntil)
          return (
            <Line key={record.id} to={recordUrl('SessionRemoval', record)}>
              <Outcome outcome={params.outcome} resourceId="SessionRemoval" />
              {at ? <time title={fullMoment(at)}>{moment(at)}</time> : null}
              <span>{word('kind', String(params.kind))}</span>
              <OutsideText text={[params.login, params.ip].filter(Boolean).join(' · ') || say('noLogin')} whole />
              {params.removedBy ? <span>{say('removedBy', { who: String(params.removedBy) })}</span> : null}
              {params.reason ? <OutsideText text={String(params.reason)} whole /> : null}
              {until && params.releasedAt == null ? <span>{keptOutText(until, { say, moment })}</span> : null}
              {params.message ? <OutsideText text={sentences(saidIn(params))} whole /> : null}
            </Line>
          )
        })}
      </ul>
    </Part>
  )
}

/** The last sessions that have ended. Nothing where the admin may not see them. */
const Ended: React.FC<{ resourceId: string; filters: string }> = ({ resourceId, filters }) => {
  const { say, moment, fullMoment, duration } = useTexts(resourceId)
  const { action, word } = useTexts('SessionHistory')
  const found = useRecords('SessionHistory', `${filters}&perPage=10`)
  if (found === null) return null
  return (
    <Part title={action('list')} count={found.total} to={listUrl('SessionHistory', filters)}>
      {found.records.length === 0 ? <p>{say('nothingEnded')}</p> : null}
      <ul>
        {found.records.map((record) => {
          const { params } = record
          const at = asDate(params.endedAt)
          const lasted = lastedMs(params)
          return (
            <Line key={record.id} to={recordUrl('SessionHistory', record)}>
              <span>{word('how', String(params.how))}</span>
              {at ? <time title={fullMoment(at)}>{moment(at)}</time> : null}
              <span>{word('kind', String(params.kind))}</span>
              <OutsideText text={[params.login, params.ip].filter(Boolean).join(' · ') || say('noLogin')} whole />
              {lasted === null ? null : <span>{duration(lasted)}</span>}
            </Line>
          )
        })}
      </ul>
    </Part>
  )
}

/** Who of this name or address is kept out now; each opens its record, where it can be released. */
const KeptOut: React.FC<{ resourceId: string; who: string }> = ({ resourceId, who }) => {
  const { say, moment } = useTexts(resourceId)
  const { action, word } = useTexts('SessionHold')
  const filters = new URLSearchParams({ 'filters.value': `=${who}` }).toString()
  const found = useRecords('SessionHold', `${filters}&perPage=20`)
  if (found === null || found.records.length === 0) return null
  return (
    <Part title={action('list')} count={found.total} to={listUrl('SessionHold', filters)}>
      <ul>
        {found.records.map((record) => {
          const until = asDate(record.params.until)
          return (
            <Line key={record.id} to={recordUrl('SessionHold', record)}>
              <span>{word('by', String(record.params.by))}</span>
              <OutsideText text={`${record.params.value} · ${record.params.source}`} whole />
              {until ? <span>{keptOutText(until, { say, moment })}</span> : null}
            </Line>
          )
        })}
      </ul>
    </Part>
  )
}

const Line: React.FC<React.PropsWithChildren<{ to: string }>> = ({ to, children }) => (
  <Box as="li" py="default" borderBottom="1px solid" borderColor="border">
    <Link to={to} style={{ color: 'inherit' }}>
      <Box as="div" flex alignItems="center" style={{ gap: 16, flexWrap: 'wrap' }}>
        {children}
        <Icon icon="ChevronRight" />
      </Box>
    </Link>
  </Box>
)

/** `kept out until 14:30`, or until somebody lets him in. */
function keptOutText(until: Date, { say, moment }: Pick<Texts, 'say' | 'moment'>): string {
  return until.getTime() === never ? say('keptOutForEver') : say('keptOutUntil', { time: moment(until) })
}

function listUrl(resourceId: string, filters: string): string {
  return new ViewHelpers().resourceUrl({ resourceId, search: `?${filters}` })
}

function recordUrl(resourceId: string, { id }: RecordJSON): string {
  return new ViewHelpers().recordActionUrl({ resourceId, recordId: id, actionName: 'show' })
}

export default Everything
