import { Box, Button } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React, { useState } from 'react'
import { asDate } from '../../text/format.js'
import { useLiveList } from '../list/use-live-list.js'
import { Warning } from '../shared/warning.js'
import { OutsideText } from '../shared/cell.js'
import { apiUrl, ask, Unanswered, type WithNotice } from '../shared/http.js'
import { keptOutText } from '../shared/kept-out-text.js'
import { useTexts } from '../shared/use-texts.js'
import { newBatch } from './removal-question.js'
import { usualPeriod } from './remove-options.js'

/** How many removals of a batch are followed; the page of removals has all of them. */
const followed = 20

/**
 * What comes after a removal, for as long as its drawer is open: who is kept out until when, and who has come back. Each
 * can be answered at a click. Nothing where the admin may not see removals.
 */
export const Aftermath: React.FC<{ batch: string; resourceId: string }> = ({ batch, resourceId }) => {
  const query = new URLSearchParams({ 'filters.batch': `=${batch}`, perPage: String(followed) }).toString()
  const { answer } = useLiveList('SessionRemoval', query, `after ${batch}`)
  const told = answer?.records.filter(({ params }) => isKeptOut(params) || params.cameBackAt) ?? []
  return (
    <div role="status">
      <ul>
        {told.map((record) => (
          <After key={record.id} record={record} resourceId={resourceId} />
        ))}
      </ul>
    </div>
  )
}

/** By what this removal says; whoever wants to be sure looks at who is kept out. */
export function isKeptOut({ keepOutUntil, releasedAt, outcome }: RecordJSON['params']): boolean {
  const until = asDate(keepOutUntil)
  return (
    until !== null && until.getTime() > Date.now() && !releasedAt && !['refused', 'failed', 'stopped'].includes(outcome)
  )
}

const After: React.FC<{ record: RecordJSON; resourceId: string }> = ({ record: { id, params }, resourceId }) => {
  const texts = useTexts(resourceId)
  const { say, button, moment } = texts
  const [busy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Error | null>(null)
  const until = asDate(params.keepOutUntil)
  const back = asDate(params.cameBackAt)
  const login = params.login as string | undefined

  const act = async (url: string, body: object) => {
    setBusy(true)
    setFailure(null)
    try {
      const answer = await ask<WithNotice>(url, { body })
      if (answer.notice?.type === 'error') throw new Unanswered(answer, 'noOutcomes')
    } catch (error) {
      setFailure(error as Error)
    }
    setBusy(false)
  }

  return (
    <Box as="li" py="default" flex alignItems="center" style={{ gap: 12, flexWrap: 'wrap' }}>
      <OutsideText text={login || (params.ip as string) || say('noLogin')} whole />
      {isKeptOut(params) && until ? (
        <>
          <span>{keptOutText(until, texts)}</span>
          <Button
            type="button"
            size="sm"
            variant="text"
            color="text"
            disabled={busy}
            onClick={() => void act(apiUrl('SessionRemoval', ['records', id, 'release']), {})}
          >
            {button('release')}
          </Button>
        </>
      ) : null}
      {back ? <Warning>{say('cameBackAt', { time: moment(back) })}</Warning> : null}
      {back && login && !isKeptOut(params) ? (
        <Button
          type="button"
          size="sm"
          variant="contained"
          color="danger"
          disabled={busy}
          onClick={() =>
            void act(apiUrl('SessionHold', ['actions', 'keepOut']), {
              batch: newBatch(),
              by: 'login',
              value: login,
              minutes: usualPeriod,
              sources: [{ host: params.host, name: params.source }],
              reason: params.reason ?? undefined,
            })
          }
        >
          {button('keepOutAnHour')}
        </Button>
      ) : null}
      {failure !== null ? <span>{texts.why(failure)}</span> : null}
    </Box>
  )
}
