import { Box, Button, H1, H2, Loader, MessageBox } from '@adminjs/design-system'
import { type RecordJSON, ViewHelpers } from 'adminjs'
import React, { useState } from 'react'
import { Link } from 'react-router-dom'
import type { DashboardAnswer, KindAnswer, LiveAnswer, SourceAnswer } from '../../actions/page-answers.js'
import { asDate } from '../../text/format.js'
import { RemovalLine } from '../remove/removal-line.js'
import { SourceState } from '../cells/source-state-cell.js'
import { OutsideText } from '../shared/cell.js'
import { Unanswered, withTextIds, type WithNotice } from '../shared/http.js'
import { Home } from '../shared/home.js'
import { Linked } from '../shared/linked.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { filteredUrl } from '../shared/urls.js'
import { useLive } from '../shared/use-live.js'
import { useServerNow } from '../shared/server-clock.js'
import { useTexts } from '../shared/use-texts.js'
import { TrafficChart } from './traffic-chart.js'
import { faded, quiet } from '../shared/dim.js'

type Answer = WithNotice & DashboardAnswer & { sessions: LiveAnswer }

/** Whose words it speaks; those of its own are there as well. */
const wordsOf = 'FtpSession'

const hour = 3600_000

/** AdminJS's dashboard: what is open now, what went through, what is read and how well, what was removed last. */
const Dashboard: React.FC = () => {
  const { say, why } = useTexts(wordsOf)
  const url = new ViewHelpers().urlBuilder(['api', 'dashboard'])
  const { answer, failure, loggedOut } = useLive<Answer>({ name: 'dashboard', url, read })
  return (
    <Home as="main" p={['default', 'lg', 'xl']} style={{ maxWidth: 1200 }}>
      <H1 mb="xl" style={{ fontSize: 32, lineHeight: 1.3 }}>
        {say('dashboard.title')}
      </H1>
      {loggedOut ? <LoggedOutNote resourceId={wordsOf} /> : null}
      {failure !== null ? (
        <MessageBox mb="lg" variant="warning" message={say('notUpdated')}>
          {why(failure)}
        </MessageBox>
      ) : null}
      {answer === null && failure === null && !loggedOut ? <Loader /> : null}
      {answer ? (
        <Box
          as="div"
          style={{
            display: 'grid',
            gap: 24,
            gridTemplateColumns: 'repeat(auto-fit, minmax(min(400px, 100%), 1fr))',
            opacity: failure !== null || loggedOut ? faded : undefined,
          }}
        >
          {answer.panel ? <Kind resourceId="PanelSession" kind={answer.panel} /> : null}
          {answer.ftp ? <Kind resourceId="FtpSession" kind={answer.ftp} /> : null}
          {answer.traffic ? <Traffic {...answer.traffic} /> : null}
          <Sources sources={answer.sources} unseen={answer.unseen} />
          {answer.removals ? <Removals records={withTextIds(answer.removals as RecordJSON[])} /> : null}
        </Box>
      ) : null}
    </Home>
  )
}

function read(said: unknown): Answer {
  const answer = said as Answer
  if (!answer.sessions || !answer.sources) throw new Unanswered(answer, 'noList')
  return answer
}

const Card: React.FC<React.PropsWithChildren<{ title: string; to?: string; wide?: boolean; first?: boolean }>> = ({
  title,
  to,
  wide = false,
  first = false,
  children,
}) => (
  <Box
    variant="container"
    as="section"
    aria-label={title}
    style={{ gridColumn: wide ? '1 / -1' : undefined, order: first ? -1 : undefined, minWidth: 0 }}
  >
    <H2 mb="lg" style={{ fontSize: 18, lineHeight: 1.3 }}>
      <Linked to={to ?? null}>{title}</Linked>
    </H2>
    {children}
  </Box>
)

/** How many there are, by what they do, what they are and where they were read; each number leads to its list. */
const Kind: React.FC<{ resourceId: string; kind: KindAnswer }> = ({ resourceId, kind }) => {
  const { say, word, action, speed, property } = useTexts(resourceId)
  const { total, online, statuses, types, sources, up, down, asLastSeen } = kind
  return (
    <Card title={action('list')} to={new ViewHelpers().resourceUrl({ resourceId })}>
      <Box as="p" mb="lg" style={{ fontSize: 40, fontWeight: 500, lineHeight: 1 }}>
        {total}
      </Box>
      <Box as="p" mb="lg">
        {[
          online === null ? null : say('totalOnline', { count: online }),
          up === null ? null : say('totalUp', { speed: speed(up) }),
          down === null ? null : say('totalDown', { speed: speed(down) }),
          asLastSeen === 0 ? null : say('totalAsLastSeen', { count: asLastSeen }),
        ]
          .filter((part) => part !== null)
          .join(' · ')}
      </Box>
      <Counts
        resourceId={resourceId}
        field="status"
        label={property('status')}
        counts={statuses}
        name={(value) => word('status', value)}
      />
      <Counts
        resourceId={resourceId}
        field="type"
        label={property('type')}
        counts={types}
        name={(value) => word('type', value)}
      />
      <Counts
        resourceId={resourceId}
        field="source"
        label={property('source')}
        counts={sources}
        name={(value) => value}
      />
    </Card>
  )
}

const Counts: React.FC<{
  resourceId: string
  field: string
  label: string
  counts: Record<string, number>
  name(value: string): string
}> = ({ resourceId, field, label, counts, name }) =>
  Object.keys(counts).length === 0 ? null : (
    <Box as="div" mb="default" style={{ fontSize: 12 }}>
      <span style={{ opacity: quiet }}>{label}</span>
      <Box as="ul" flex style={{ gap: '4px 16px', flexWrap: 'wrap' }}>
        {Object.entries(counts)
          .sort(([, a], [, b]) => b - a)
          .map(([value, count]) => (
            <li key={value}>
              <Link to={filteredUrl(resourceId, field, value)} style={{ color: 'inherit' }}>
                <OutsideText text={name(value)} whole /> <strong>{count}</strong>
              </Link>
            </li>
          ))}
      </Box>
    </Box>
  )

const Traffic: React.FC<NonNullable<DashboardAnswer['traffic']>> = ({ hour: lastHour, day }) => {
  const { say, button } = useTexts(wordsOf)
  const [span, setSpan] = useState<'hour' | 'day'>('hour')
  const now = useServerNow()
  return (
    <Card title={say('dashboard.traffic')} wide>
      <Box as="div" flex mb="lg" style={{ gap: 8 }}>
        {(['hour', 'day'] as const).map((one) => (
          <Button
            key={one}
            type="button"
            size="sm"
            rounded
            variant={one === span ? 'contained' : 'light'}
            color={one === span ? 'primary' : 'text'}
            aria-pressed={one === span}
            onClick={() => setSpan(one)}
          >
            {button(`span.${one}`)}
          </Button>
        ))}
      </Box>
      {span === 'hour' ? (
        <TrafficChart points={lastHour} spanMs={hour} stepMs={60_000} now={now} />
      ) : (
        <TrafficChart points={day} spanMs={24 * hour} stepMs={15 * 60_000} now={now} />
      )}
    </Card>
  )
}

const Sources: React.FC<Pick<DashboardAnswer, 'sources' | 'unseen'>> = ({ sources, unseen }) => {
  const { say, moment } = useTexts(wordsOf)
  const { action } = useTexts('SessionSourceStatus')
  const worstFirst = [...sources].sort((a, b) => rank(a) - rank(b))
  return (
    <Card
      title={action('list')}
      to={new ViewHelpers().resourceUrl({ resourceId: 'SessionSourceStatus' })}
      first={unseen.failing > 0 || worstFirst[0]?.state === 'failing'}
    >
      <ul>
        {worstFirst.map(({ host, name, state, lastGoodAt, failingSince, error, sessions }) => {
          const since = asDate(failingSince)
          const last = asDate(lastGoodAt)
          return (
            <Box as="li" key={`${host}/${name}`} py="default" borderBottom="1px solid" borderColor="border">
              <Box as="div" flex alignItems="center" style={{ gap: 12, flexWrap: 'wrap' }}>
                <SourceState state={state} />
                <OutsideText text={`${name} · ${host}`} whole />
                <span style={{ marginLeft: 'auto' }}>{sessions}</span>
              </Box>
              {state === 'failing' && (since ?? last) ? (
                <Box as="div" mt="xs" style={{ fontSize: 12 }}>
                  {say('dashboard.failingSince', { time: moment((since ?? last)!) })}
                </Box>
              ) : null}
              {error ? (
                <Box as="div" mt="xs" style={{ fontSize: 12 }}>
                  <OutsideText text={error} whole />
                </Box>
              ) : null}
            </Box>
          )
        })}
      </ul>
      {unseen.failing > 0 ? <p>{say('sourcesFailing', { count: unseen.failing })}</p> : null}
    </Card>
  )
}

const rank = ({ state }: SourceAnswer) => ['failing', 'starting', 'ok'].indexOf(state)

const Removals: React.FC<{ records: RecordJSON[] }> = ({ records }) => {
  const { say } = useTexts(wordsOf)
  const { action } = useTexts('SessionRemoval')
  return (
    <Card title={action('list')} to={new ViewHelpers().resourceUrl({ resourceId: 'SessionRemoval' })}>
      {records.length === 0 ? <p>{say('nothingRemoved')}</p> : null}
      <ul>
        {records.map((record) => (
          <RemovalLine key={record.id} record={record} resourceId={wordsOf} />
        ))}
      </ul>
    </Card>
  )
}

export default Dashboard
