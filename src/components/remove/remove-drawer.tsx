import { Box, Button, DrawerFooter, Icon, MessageBox } from '@adminjs/design-system'
import { type ActionProps, type RecordJSON, ViewHelpers } from 'adminjs'
import React, { useMemo, useRef, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import type { RemovalAnswer } from '../../actions/page-answers.js'
import type { HowToEnd } from './removal-question.js'
import { Aftermath } from './aftermath.js'
import { RemoveRow } from './remove-row.js'
import { RemoveOptions, usualPeriod } from './remove-options.js'
import { keepOutParam } from '../shared/urls.js'
import { DrawerDialog } from '../shared/drawer-dialog.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { withTextIds } from '../shared/http.js'
import { pending, useRemoval } from './use-removal.js'
import { useTexts } from '../shared/use-texts.js'
import { commonWays } from './keep-out-ways.js'
import { useEnding } from './use-ending.js'
import { untick } from '../list/selection.js'
import { forget } from '../list/use-live-list.js'

/** The drawer of the bulk action `remove`: what will end, Confirm, and what became of each. */
const RemoveDrawer: React.FC<ActionProps> = ({ resource, action, records: given }) => {
  const { say, why, button, word, action: nameOf } = useTexts(resource.id)
  const records = useMemo(() => withTextIds(given ?? []), [given])
  const removal = useRemoval(resource.id, records)
  const ending = useEnding(resource.id, records)
  const navigate = useNavigate()
  const { search } = useLocation()
  const ways = useMemo(() => commonWays(ending), [ending])
  const [chosen, setHow] = useState<HowToEnd | null>(null)
  const wanted = ways.find(({ by }) => by === new URLSearchParams(search).get(keepOutParam))?.by
  /** As the address asks for, where that can be, until something is chosen. */
  const how: HowToEnd = chosen ?? (wanted === undefined ? {} : { keepOut: { by: wanted, minutes: usualPeriod } })
  const dialog = useRef<HTMLElement>(null)

  const living = records.filter(({ params }) => !params.gone).length
  const asked = removal.state !== 'before'
  const canConfirm = !asked && living > 0
  const open = [...removal.outcomes.values()].some(({ outcome }) => outcome === 'pending')

  const uploads = records.filter(({ params }) => params.status === 'uploading').length
  /** What did not end comes first. */
  const inOrder = asked ? [...records].sort((a, b) => troubleOf(b) - troubleOf(a)) : records

  const close = () => {
    const over = records.filter(({ id, params }) => {
      const outcome = removal.outcomes.get(id)?.outcome
      return params.gone || outcome === 'ended' || outcome === 'already-gone'
    })
    const ids = new Set(over.map(({ id }) => id))
    untick(resource.id, ids)
    forget(resource.id, ids)
    const back = new URLSearchParams(search)
    for (const name of ['recordIds', keepOutParam]) back.delete(name)
    back.set('refresh', 'true')
    navigate(new ViewHelpers().resourceUrl({ resourceId: resource.id, search: `?${back}` }))
  }

  return (
    <DrawerDialog
      dialog={dialog}
      title={nameOf(action.label)}
      closeLabel={button('close')}
      onClose={close}
      onSubmit={() => removal.ask(how)}
      footer={
        <DrawerFooter>
          <Button type="button" variant="light" color="text" onClick={close}>
            {button(canConfirm ? 'cancel' : 'close')}
          </Button>
          {canConfirm ? (
            <Button type="submit" variant="contained" color="danger">
              {button('confirmEnd', { count: living })}
            </Button>
          ) : null}
          {removal.state === 'asking' ? (
            <Button type="button" variant="contained" disabled>
              <Icon icon="Loader" spin />
              {button('ending')}
            </Button>
          ) : null}
          {removal.state === 'stopped' && open && !removal.loggedOut ? (
            <Button type="button" variant="outlined" color="text" onClick={removal.stop}>
              {button('stopRest')}
            </Button>
          ) : null}
          {removal.state === 'stopped' && (removal.failure !== null || open) ? (
            <Button type="submit" variant="contained">
              {button('askAgain')}
            </Button>
          ) : null}
        </DrawerFooter>
      }
    >
      {asked ? null : (
        <MessageBox mb="lg" variant={living > 0 ? 'danger' : 'info'} message={say('willEnd', { count: living })}>
          {uploads > 0 && !how.whenIdle ? <div>{say('halfFiles', { count: uploads })}</div> : null}
          {living > 0 && !how.keepOut ? say('mayReturn') : null}
        </MessageBox>
      )}
      <Folded when={!asked && records.length >= foldedFrom} title={say('theseSessions', { count: records.length })}>
        {inOrder.map((record) => (
          <RemoveRow
            key={record.id}
            record={record}
            resourceId={resource.id}
            removal={outcomeOf(record)}
            cutsFile={record.params.status === 'uploading' && !asked && !how.whenIdle}
            onForce={() => {
              removal.force(record.id)
              dialog.current?.focus()
            }}
          />
        ))}
      </Folded>
      {canConfirm ? (
        <RemoveOptions
          resourceId={resource.id}
          ways={ways}
          moving={records.some(({ params }) => ['uploading', 'downloading'].includes(params.status))}
          how={how}
          onChange={setHow}
        />
      ) : null}
      <div role="status">
        {removal.outcomes.size > 0 ? <p>{summary()}</p> : null}
        {removal.state === 'stopped' && open ? (
          <MessageBox mt="lg" variant="info" message={say('stillPending')} />
        ) : null}
        {removal.failure !== null ? (
          <MessageBox mt="lg" variant="danger" message={say('removalUnanswered')}>
            {why(removal.failure)}
          </MessageBox>
        ) : null}
        {removal.loggedOut ? <LoggedOutNote resourceId={resource.id} /> : null}
      </div>
      {removal.state === 'stopped' && !removal.loggedOut
        ? removal.batches.map((batch) => <Aftermath key={batch} batch={batch} resourceId={resource.id} />)
        : null}
    </DrawerDialog>
  )

  /** Pending as soon as the admin confirms. A session that was already gone stays as it is until the server answers. */
  function outcomeOf({ id, params }: RecordJSON): RemovalAnswer | undefined {
    return removal.outcomes.get(id) ?? (removal.state === 'asking' && !params.gone ? pending(id) : undefined)
  }

  function troubleOf({ id }: RecordJSON): number {
    return ['failed', 'refused', 'unknown'].includes(removal.outcomes.get(id)?.outcome ?? '') ? 1 : 0
  }

  /** `Ended: 2 · Failed: 1`. */
  function summary(): string {
    const counts = new Map<string, number>()
    for (const { outcome } of removal.outcomes.values()) counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    return [...counts].map(([outcome, count]) => `${word('outcome', outcome)}: ${count}`).join(' · ')
  }
}

/** From so many rows on, they are folded until somebody wants to see them. */
const foldedFrom = 20

const Folded: React.FC<React.PropsWithChildren<{ when: boolean; title: string }>> = ({ when, title, children }) =>
  when ? (
    <Box as="details" mb="xl">
      <summary style={{ cursor: 'pointer' }}>{title}</summary>
      <ul>{children}</ul>
    </Box>
  ) : (
    <Box as="ul" mb="xl">
      {children}
    </Box>
  )

export default RemoveDrawer
