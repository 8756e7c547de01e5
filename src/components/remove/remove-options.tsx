import { Box, CheckBox, FormGroup, Input, Label, TextArea } from '@adminjs/design-system'
import React, { useId, useState } from 'react'
import type { RemovalQuestion } from '../../actions/page-answers.js'
import { Warning } from '../shared/warning.js'
import { OutsideText } from '../shared/cell.js'
import { Choice } from '../shared/choice.js'
import { useTexts } from '../shared/use-texts.js'
import { cutToo, type Way } from './keep-out-ways.js'
import type { HowToEnd } from './removal-question.js'

interface Props {
  resourceId: string
  /** In which ways they can be kept out. */
  ways: Way[]
  /** Some of them are moving a file. */
  moving: boolean
  how: HowToEnd
  onChange(how: HowToEnd): void
}

/** What can be chosen before sessions are ended: when, who is kept out afterwards, and the reason that is kept. */
export const RemoveOptions: React.FC<Props> = ({ resourceId, ways, moving, how, onChange }) => {
  const { say } = useTexts(resourceId)
  const id = useId()
  return (
    <>
      {moving ? (
        <FormGroup>
          <CheckBox
            id={`${id}-idle`}
            checked={how.whenIdle ?? false}
            onChange={() => onChange({ ...how, whenIdle: !how.whenIdle })}
          />
          <Label inline htmlFor={`${id}-idle`} ml="default">
            {say('whenIdle')}
          </Label>
        </FormGroup>
      ) : null}
      <KeepOut
        resourceId={resourceId}
        ways={ways}
        chosen={how.keepOut}
        onChoose={(keepOut) => onChange({ ...how, keepOut })}
      />
      <Reason resourceId={resourceId} reason={how.reason ?? ''} onChange={(reason) => onChange({ ...how, reason })} />
      {resourceId === 'PanelSession' && how.reason?.trim() ? (
        <FormGroup>
          <CheckBox
            id={`${id}-tell`}
            checked={how.tellReason ?? false}
            onChange={() => onChange({ ...how, tellReason: !how.tellReason })}
          />
          <Label inline htmlFor={`${id}-tell`} ml="default">
            {say('tellReason')}
          </Label>
        </FormGroup>
      ) : null}
    </>
  )
}

/** Why: kept with the removal. */
export const Reason: React.FC<{ resourceId: string; reason: string; onChange(reason: string): void }> = ({
  resourceId,
  reason,
  onChange,
}) => {
  const { say } = useTexts(resourceId)
  const id = useId()
  return (
    <FormGroup>
      <Label htmlFor={id}>{say('reason')}</Label>
      <TextArea
        id={id}
        width={1}
        rows={2}
        maxLength={500}
        value={reason}
        onChange={(event: React.ChangeEvent<HTMLTextAreaElement>) => onChange(event.target.value)}
      />
    </FormGroup>
  )
}

interface KeepOutProps {
  resourceId: string
  ways: Way[]
  chosen: RemovalQuestion['keepOut']
  onChoose(keepOut: RemovalQuestion['keepOut']): void
}

/** 15 minutes, an hour, a day, a week, 30 days. */
const periodsInMinutes = [15, 60, 1440, 10_080, 43_200]

/** An hour. */
export const usualPeriod = 60

/** For how long somebody is kept out: one of a few periods, so many hours of one's own, or until he is released. */
export const KeepOutPeriod: React.FC<{
  resourceId: string
  minutes: number | null
  onChoose(minutes: number | null): void
}> = ({ resourceId, minutes, onChoose }) => {
  const { say, period } = useTexts(resourceId)
  const [own, setOwn] = useState(minutes !== null && !periodsInMinutes.includes(minutes))
  const id = useId()
  const choices = [
    ...periodsInMinutes.map((value) => ({ value: String(value), label: period(value) })),
    { value: 'own', label: say('otherPeriod') },
    { value: 'never', label: say('untilReleased') },
  ]
  return (
    <>
      <Choice
        label={say('keepOutFor')}
        options={choices}
        value={own ? 'own' : minutes === null ? 'never' : String(minutes)}
        onChoose={(chosen) => {
          setOwn(chosen === 'own')
          if (chosen !== 'own') onChoose(chosen === 'never' ? null : Number(chosen))
        }}
      />
      {own ? (
        <FormGroup>
          <Label htmlFor={`${id}-hours`}>{say('hours')}</Label>
          <Input
            id={`${id}-hours`}
            type="number"
            min={1}
            max={87_840}
            value={minutes === null ? '' : Math.max(1, Math.round(minutes / 60))}
            onChange={(event: React.ChangeEvent<HTMLInputElement>) =>
              onChoose(Math.min(87_840, Math.max(1, Math.round(Number(event.target.value) || 1))) * 60)
            }
          />
        </FormGroup>
      ) : null}
    </>
  )
}

/** Whether, by what and for how long to keep out whoever is ended, and whose sessions that cuts too. Nothing if no source can. */
const KeepOut: React.FC<KeepOutProps> = ({ resourceId, ways, chosen, onChoose }) => {
  const { say, word } = useTexts(resourceId)
  if (ways.length === 0) return null

  const bys = (['nobody', ...ways.map(({ by }) => by)] as const).map((by) => ({
    value: by,
    label: word('keepOut', by),
  }))
  const minutes = chosen ? chosen.minutes : usualPeriod
  const cut = chosen ? cutToo(ways, chosen.by) : { who: [], more: false }
  return (
    <>
      <Choice
        label={say('afterwards')}
        options={bys}
        value={chosen?.by ?? 'nobody'}
        onChoose={(by) => onChoose(by === 'nobody' ? undefined : { by, minutes })}
      />
      {chosen ? (
        <KeepOutPeriod
          resourceId={resourceId}
          minutes={minutes}
          onChoose={(value) => onChoose({ ...chosen, minutes: value })}
        />
      ) : null}
      {cut.who.length > 0 ? (
        <Box as="div" mb="lg" role="status">
          <Warning>{say('cutsToo')}</Warning>
          <ul>
            {cut.who.map((who) => (
              <li key={who}>
                <OutsideText text={who} whole />
              </li>
            ))}
          </ul>
          {cut.more ? say('cutsMore') : null}
        </Box>
      ) : cut.more ? (
        <Box as="div" mb="lg" role="status">
          <Warning>{say('cutsUnseen')}</Warning>
        </Box>
      ) : null}
    </>
  )
}
