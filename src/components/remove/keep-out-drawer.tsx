import { Box, Button, FormGroup, Icon, Input, Label, MessageBox } from '@adminjs/design-system'
import { type ActionProps, ViewHelpers } from 'adminjs'
import React, { useEffect, useId, useRef, useState } from 'react'
import { useLocation, useNavigate } from 'react-router'
import type { KeepOutAnswer } from '../../actions/page-answers.js'
import { Outcome } from '../cells/outcome-cell.js'
import { OutsideText } from '../shared/cell.js'
import { Choice } from '../shared/choice.js'
import { apiUrl, ask, LoggedOut, Unanswered, type WithNotice } from '../shared/http.js'
import { DrawerDialog } from '../shared/drawer-dialog.js'
import { LoggedOutNote } from '../shared/logged-out.js'
import { useTexts } from '../shared/use-texts.js'
import { newBatch } from './removal-question.js'
import { KeepOutPeriod, Reason, usualPeriod } from './remove-options.js'

type Answer = WithNotice & Partial<KeepOutAnswer>

/** The drawer of the action `keepOut`: whom, by what, for how long. Whatever of his is open there ends with it. */
const KeepOutDrawer: React.FC<ActionProps> = ({ resource, action }) => {
  const { say, why, word, button, sentences, action: nameOf } = useTexts(resource.id)
  const navigate = useNavigate()
  const { search } = useLocation()
  const asked = new URLSearchParams(search)
  const [by, setBy] = useState<'login' | 'ip'>(asked.has('ip') ? 'ip' : 'login')
  const [value, setValue] = useState(asked.get('ip') ?? asked.get('login') ?? '')
  const [minutes, setMinutes] = useState<number | null>(usualPeriod)
  const [reason, setReason] = useState('')
  const [answer, setAnswer] = useState<Answer | null>(null)
  const [failure, setFailure] = useState<Error | null>(null)
  const [asking, setAsking] = useState(false)
  const batch = useRef(newBatch())
  const dialog = useRef<HTMLElement>(null)
  const id = useId()
  const url = apiUrl(resource.id, ['actions', 'keepOut'])
  const sources = answer?.sources ?? []
  const can = sources.filter(({ keepOut }) => keepOut.includes(by))
  const cannot = sources.filter(({ keepOut }) => !keepOut.includes(by))
  const removals = answer?.removals

  const send = async (body?: object) => {
    setFailure(null)
    try {
      const said = await ask<Answer>(url, body ? { body } : { poll: true })
      if (!said.sources) throw new Unanswered(said, 'noOutcomes')
      setAnswer(said)
    } catch (error) {
      setFailure(error as Error)
    }
    setAsking(false)
  }
  const close = () => navigate(new ViewHelpers().resourceUrl({ resourceId: resource.id }))

  useEffect(() => void send(), [])

  return (
    <DrawerDialog
      dialog={dialog}
      title={nameOf(action.label)}
      closeLabel={button('close')}
      onClose={close}
      onSubmit={() => {
        setAsking(true)
        void send({ batch: batch.current, by, value, minutes, reason: reason.trim() || undefined })
      }}
    >
      {removals ? null : (
        <>
          <Choice
            label={say('keptOutBy')}
            options={(['login', 'ip'] as const).map((way) => ({ value: way, label: word('by', way) }))}
            value={by}
            onChoose={(way) => setBy(way)}
          />
          <FormGroup>
            <Label htmlFor={`${id}-value`}>{word('by', by)}</Label>
            <Input
              id={`${id}-value`}
              required
              maxLength={191}
              autoComplete="off"
              value={value}
              onChange={(event: React.ChangeEvent<HTMLInputElement>) => setValue(event.target.value)}
            />
          </FormGroup>
          <KeepOutPeriod resourceId={resource.id} minutes={minutes} onChoose={setMinutes} />
          <Reason resourceId={resource.id} reason={reason} onChange={setReason} />
          {answer ? (
            <MessageBox
              mb="lg"
              variant={can.length > 0 ? 'info' : 'warning'}
              message={say(can.length > 0 ? 'keptOutOf' : 'keptOutOfNone')}
            >
              {can.map(({ host, name }) => (
                <div key={`${host}/${name}`}>
                  <OutsideText text={`${name} · ${host}`} whole />
                </div>
              ))}
              {cannot.length > 0 ? (
                <Box as="div" mt="default">
                  {say('cannotKeepOut', { sources: cannot.map(({ name }) => name).join(', ') })}
                </Box>
              ) : null}
            </MessageBox>
          ) : null}
        </>
      )}
      <div role="status">
        <ul>
          {removals?.map(({ recordId, source, host, outcome, said, message }) => (
            <Box as="li" key={`${host}/${source}/${recordId}`} py="default">
              <Box as="div" flex justifyContent="space-between" style={{ gap: 16 }}>
                <OutsideText text={`${source} · ${host}`} whole />
                <Outcome outcome={outcome} resourceId="SessionRemoval" />
              </Box>
              {said ? <OutsideText text={sentences({ said, message })} whole /> : null}
            </Box>
          ))}
        </ul>
        {failure instanceof LoggedOut ? <LoggedOutNote resourceId={resource.id} /> : null}
        {failure !== null && !(failure instanceof LoggedOut) ? (
          <MessageBox mb="lg" variant="danger" message={why(failure)} />
        ) : null}
      </div>
      <Box as="div" flex mt="lg" style={{ gap: 8 }}>
        <Button type="button" variant="light" color="text" onClick={close}>
          {button(removals ? 'close' : 'cancel')}
        </Button>
        {removals ? null : (
          <Button type="submit" variant="contained" color="danger" disabled={asking || can.length === 0}>
            {asking ? <Icon icon="Loader" spin /> : null}
            {button('keepOut')}
          </Button>
        )}
      </Box>
    </DrawerDialog>
  )
}

export default KeepOutDrawer
