import { Box, Button, FormGroup, Icon, Input, Label, MessageBox } from '@adminjs/design-system'
import { ViewHelpers } from 'adminjs'
import React, { useId, useState } from 'react'
import type { LeftOutAnswer, ProgressAnswer } from '../../actions/page-answers.js'
import type { RemovalOutcome } from '../../database/removal-states.js'
import { Outcome } from '../cells/outcome-cell.js'
import { OutsideText } from '../shared/cell.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { useTexts } from '../shared/use-texts.js'
import { Aftermath } from './aftermath.js'
import type { HowToEnd } from './removal-question.js'
import { RemoveOptions } from './remove-options.js'
import { RemoveRow } from './remove-row.js'
import type { ScopeRemoval, ShownScope } from './use-scope-removal.js'

/** From so many on, the number of sessions has to be typed. */
const typedFrom = 20

/** What a removal of a whole scope will end, how, and how far it is. `resourceId`: whose words it speaks. */
export const ScopeRemovalForm: React.FC<{
  removal: ScopeRemoval
  resourceId: string
  /** The page shows the sessions itself. */
  bare?: boolean
  /** Beside the button that confirms. */
  children?: React.ReactNode
}> = ({ removal, resourceId, bare = false, children }) => {
  const { say, why, button } = useTexts(resourceId)
  const [how, setHow] = useState<HowToEnd>({})
  const [typed, setTyped] = useState('')
  const id = useId()
  const count = removal.shown.reduce((sum, { shown }) => sum + shown.length, 0)
  const before = removal.state === 'before' || removal.state === 'looking'
  const mustType = count >= typedFrom
  const canConfirm = removal.state === 'before' && count > 0 && (!mustType || typed.trim() === String(count))

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (canConfirm || removal.failure !== null) removal.ask(how)
      }}
    >
      {before ? <WillEnd removal={removal} resourceId={resourceId} count={count} bare={bare} /> : null}
      {removal.state === 'before' && count > 0 ? (
        <>
          <RemoveOptions
            resourceId={resourceId}
            ways={removal.ways}
            moving={removal.shown.some(isMoving)}
            how={how}
            onChange={setHow}
          />
          {mustType ? (
            <FormGroup>
              <Label htmlFor={`${id}-count`}>{say('typeCount', { count })}</Label>
              <Input
                id={`${id}-count`}
                inputMode="numeric"
                autoComplete="off"
                value={typed}
                onChange={(event: React.ChangeEvent<HTMLInputElement>) => setTyped(event.target.value)}
              />
            </FormGroup>
          ) : null}
        </>
      ) : null}
      <div role="status">
        {removal.progress !== null ? (
          <Progress progress={removal.progress} leftOut={removal.leftOut} resourceId={resourceId} />
        ) : null}
        {removal.state === 'over' && !removal.loggedOut ? (
          <Aftermath batch={removal.batch} resourceId={resourceId} />
        ) : null}
        {removal.failure !== null ? (
          <MessageBox mt="lg" mb="lg" variant="danger" message={say(before ? 'neverAnswered' : 'removalUnanswered')}>
            {why(removal.failure)}
          </MessageBox>
        ) : null}
        {removal.loggedOut ? <LoggedOutNote resourceId={resourceId} /> : null}
      </div>
      <Box as="div" flex mt="lg" style={{ gap: 8, flexWrap: 'wrap' }}>
        {children}
        {before && count > 0 ? (
          <Button type="submit" variant="contained" color="danger" disabled={!canConfirm}>
            {button('confirmEnd', { count })}
          </Button>
        ) : null}
        {removal.state === 'asking' && removal.failure === null ? (
          <Button type="button" variant="contained" disabled>
            <Icon icon="Loader" spin />
            {button('ending')}
          </Button>
        ) : null}
        {removal.state === 'following' && removal.failure === null ? (
          <Button type="button" variant="outlined" color="text" onClick={removal.stop}>
            {button('stopRest')}
          </Button>
        ) : null}
        {!before && removal.failure !== null && !removal.loggedOut ? (
          <Button type="submit" variant="contained">
            {button('askAgain')}
          </Button>
        ) : null}
        {removal.state === 'over' ? (
          <Button type="button" variant="light" color="text" onClick={removal.lookAgain}>
            {button('lookAgain')}
          </Button>
        ) : null}
        {before ? null : (
          <Button as="a" variant="text" color="text" href={removalsUrl(removal.batch)}>
            {button('toRemovals')}
          </Button>
        )}
      </Box>
    </form>
  )
}

const isMoving = ({ statuses }: ShownScope) => Boolean(statuses.uploading || statuses.downloading)

/** The summary first, then the rows, folded where there are many. */
const WillEnd: React.FC<{ removal: ScopeRemoval; resourceId: string; count: number; bare: boolean }> = ({
  removal: { state, shown },
  resourceId,
  count,
  bare,
}) => {
  const { say, word } = useTexts(resourceId)
  if (state === 'looking') return null
  const statuses = new Map<string, number>()
  for (const scope of shown)
    for (const [status, many] of Object.entries(scope.statuses))
      statuses.set(status, (statuses.get(status) ?? 0) + many)
  const leftOut = shown.reduce(
    (sum, scope) => ({
      own: sum.own + scope.leftOut.own,
      notAllowed: sum.notAllowed + scope.leftOut.notAllowed,
    }),
    { own: 0, notAllowed: 0 },
  )
  const records = shown.flatMap((scope) => scope.records.map((record) => ({ record, resourceId: scope.resourceId })))
  return (
    <>
      <MessageBox mb="lg" variant={count > 0 ? 'danger' : 'info'} message={say('scopeEnds', { count })}>
        <Lines
          lines={[
            [...statuses].map(([status, many]) => `${word('status', status)}: ${many}`).join(' · '),
            statuses.get('uploading') ? say('halfFiles', { count: statuses.get('uploading')! }) : '',
            ...leftOutLines({ ...leftOut, fresh: 0, changed: 0 }, say),
          ]}
        />
      </MessageBox>
      {records.length > 0 && !bare ? (
        <details open={count < typedFrom} style={{ marginBottom: 16 }}>
          <summary style={{ cursor: 'pointer' }}>
            {say(records.length < count ? 'firstSessions' : 'theseSessions', { count: records.length })}
          </summary>
          <ul>
            {records.map(({ record, resourceId: own }) => (
              <RemoveRow
                key={`${own}/${record.id}`}
                record={record}
                resourceId={own}
                cutsFile={record.params.status === 'uploading'}
              />
            ))}
          </ul>
        </details>
      ) : null}
    </>
  )
}

/** What did not end comes first: `Failed: 2`, whose they are and why. */
const Progress: React.FC<{ progress: ProgressAnswer; leftOut: LeftOutAnswer | null; resourceId: string }> = ({
  progress: { counts, notEnded },
  leftOut,
  resourceId,
}) => {
  const { say, word, sentences } = useTexts(resourceId)
  const entries = Object.entries(counts) as [RemovalOutcome, number][]
  const of = entries.reduce((sum, [, many]) => sum + many, 0)
  const pending = counts.pending ?? 0
  const ended = (counts.ended ?? 0) + (counts['already-gone'] ?? 0)
  return (
    <>
      <MessageBox
        mb="lg"
        variant={notEnded.length > 0 ? 'warning' : pending > 0 ? 'info' : 'success'}
        message={pending > 0 ? say('scopeProgress', { ended, of, pending }) : say('scopeOver', { ended, of })}
      >
        <Lines
          lines={[
            entries.map(([outcome, many]) => `${word('outcome', outcome)}: ${many}`).join(' · '),
            ...(leftOut === null ? [] : leftOutLines(leftOut, say)),
          ]}
        />
      </MessageBox>
      {pending > 0 ? (
        <progress
          max={of}
          value={of - pending}
          style={{ width: '100%', marginBottom: 16 }}
          aria-label={say('scopeProgress', { ended, of, pending })}
        />
      ) : null}
      <ul>
        {notEnded.map(({ recordId, outcome, login, ip, said, message }, i) => (
          <Box as="li" key={`${recordId}-${i}`} py="default" borderBottom="1px solid" borderColor="border">
            <Box as="div" flex justifyContent="space-between" style={{ gap: 16 }}>
              <OutsideText text={[login, ip].filter(Boolean).join(' · ') || say('noLogin')} whole />
              <Outcome outcome={outcome} resourceId={resourceId} />
            </Box>
            {said ? (
              <Box as="div" mt="xs" style={{ fontSize: 12 }}>
                <OutsideText text={sentences({ said, message })} whole />
              </Box>
            ) : null}
          </Box>
        ))}
      </ul>
    </>
  )
}

const Lines: React.FC<{ lines: string[] }> = ({ lines }) => (
  <>
    {lines
      .filter((line) => line !== '')
      .map((line) => (
        <div key={line}>{line}</div>
      ))}
  </>
)

function leftOutLines(leftOut: LeftOutAnswer, say: (key: string, values: { count: number }) => string): string[] {
  return [
    leftOut.own > 0 ? say('ownLeftOut', { count: leftOut.own }) : '',
    leftOut.notAllowed > 0 ? say('notAllowedLeftOut', { count: leftOut.notAllowed }) : '',
    leftOut.fresh > 0 ? say('freshLeftOut', { count: leftOut.fresh }) : '',
    leftOut.changed > 0 ? say('changedLeftOut', { count: leftOut.changed }) : '',
  ]
}

function removalsUrl(batch: string): string {
  const search = `?${new URLSearchParams({ 'filters.batch': batch })}`
  return new ViewHelpers().resourceUrl({ resourceId: 'SessionRemoval', search })
}
