import { Box, Button, Icon, MessageBox } from '@adminjs/design-system'
import { type ActionProps, BasePropertyComponent, type RecordJSON } from 'adminjs'
import React from 'react'
import type { LiveAnswer } from '../../actions/page-answers.js'
import { canBeTicked } from '../list/selection.js'
import { apiUrl, Unanswered, type WithNotice } from '../shared/http.js'
import { Home } from '../shared/home.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { Aftermath } from '../remove/aftermath.js'
import { everythingUrl, keepOutUrl, removeOneUrl } from '../shared/urls.js'
import { useLive } from '../shared/use-live.js'
import { useTexts } from '../shared/use-texts.js'
import { faded } from '../shared/dim.js'

interface Answer extends WithNotice {
  record: RecordJSON
  sessions: LiveAnswer
}

/** One record, kept up to date, and what can be done about it: the page `show` of every table of this package. */
const RecordPage: React.FC<ActionProps> = (props) => <PageOfOne key={props.record!.id} {...props} />

const PageOfOne: React.FC<ActionProps> = ({ resource, record: given }) => {
  const { say, why, at } = useTexts(resource.id)
  const { answer, failure, loggedOut } = useLive<Answer>({
    name: `${resource.id}/${given!.id}`,
    url: apiUrl(resource.id, ['records', String(given!.id), 'show']),
    read: readRecord,
  })
  const record = answer?.record ?? given!
  const gone = failure instanceof Unanswered
  const { staleSince } = record.params
  return (
    <Home variant="container" as="main" mb="xxl">
      {loggedOut ? <LoggedOutNote resourceId={resource.id} /> : null}
      <div role="status">
        {failure !== null ? (
          <MessageBox mb="lg" variant={gone ? 'info' : 'warning'} message={say(gone ? 'recordGone' : 'notUpdated')}>
            {gone ? null : why(failure)}
          </MessageBox>
        ) : null}
        {staleSince ? (
          <MessageBox mb="lg" variant="warning" message={say('rowStale', { time: at(String(staleSince)) })} />
        ) : null}
      </div>
      {resource.id === 'SessionRemoval' ? (
        <Aftermath batch={String(record.params.batch)} resourceId={resource.id} />
      ) : null}
      <WhatToDo record={record} resourceId={resource.id} gone={gone || failure !== null} />
      <Box
        as="div"
        style={{
          display: 'grid',
          gridTemplateColumns: 'repeat(auto-fill, minmax(min(260px, 100%), 1fr))',
          columnGap: 24,
          opacity: failure !== null || loggedOut ? faded : undefined,
        }}
      >
        {resource.showProperties
          .filter(({ propertyPath }) => !isUsual(propertyPath, record))
          .map((property) => (
            <div
              key={property.propertyPath}
              data-property-name={property.propertyPath}
              style={{ minWidth: 0, gridColumn: whole.has(property.propertyPath) ? '1 / -1' : undefined }}
            >
              <BasePropertyComponent where="show" property={property} resource={resource} record={record} />
            </div>
          ))}
      </Box>
    </Home>
  )
}

/** What takes a line of its own. */
const whole = new Set(['session', 'error', 'warning', 'message', 'userAgent'])

/** That nothing is the matter is not worth a line. */
const isUsual = (path: string, { params }: RecordJSON) => path === 'condition' && params.condition === 'normal'

function readRecord(said: unknown): Answer {
  const answer = said as Answer
  if (!answer.record || !answer.sessions || answer.notice?.type === 'error') throw new Unanswered(answer, 'noList')
  return { ...answer, record: { ...answer.record, id: String(answer.record.id) } }
}

/** As links: each leads to a drawer or a page that asks first. */
const WhatToDo: React.FC<{ record: RecordJSON; resourceId: string; gone: boolean }> = ({
  record,
  resourceId,
  gone,
}) => {
  const { button } = useTexts(resourceId)
  const { params } = record
  const removable = canBeTicked(record) && !gone && resourceId in sessionsOf
  const person: unknown = params.person
  const ways: [name: string, icon: string, url: string, danger?: true][] = [
    ...(removable ? ([['remove', 'XCircle', removeOneUrl(resourceId, record.id), true]] as const) : []),
    ...(removable && params.login
      ? ([['removeAndKeepOut', 'Slash', removeOneUrl(resourceId, record.id, '', 'login'), true]] as const)
      : []),
    ...(resourceId === 'SessionHold' && !gone
      ? ([['extend', 'Clock', keepOutUrl(params.by as 'login' | 'ip', String(params.value))]] as const)
      : []),
    ...(person ? ([['thePerson', 'User', everythingUrl(pageOf(resourceId), 'person', String(person))]] as const) : []),
    ...(params.ip
      ? ([['theAddress', 'MapPin', everythingUrl(pageOf(resourceId), 'ip', String(params.ip))]] as const)
      : []),
  ].map((way) => [...way])
  if (ways.length === 0) return null
  return (
    <Box as="div" flex mb="xl" style={{ gap: 8, flexWrap: 'wrap' }}>
      {ways.map(([name, icon, url, danger]) => (
        <Button
          key={name}
          as="a"
          href={url}
          size="sm"
          rounded
          variant={danger ? 'contained' : 'light'}
          color={danger ? 'danger' : 'text'}
        >
          <Icon icon={icon} />
          {button(name)}
        </Button>
      ))}
    </Box>
  )
}

const sessionsOf: Record<string, true> = { PanelSession: true, FtpSession: true }

/** Everything of somebody is a page of either kind of session. */
const pageOf = (resourceId: string) => (resourceId in sessionsOf ? resourceId : 'FtpSession')

export default RecordPage
