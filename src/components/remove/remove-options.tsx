import { Box, CheckBox, FormGroup, Label, TextArea } from '@adminjs/design-system'
import React, { useId } from 'react'
import type { RemovalQuestion } from '../../actions/http-api.js'
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
      <FormGroup>
        <Label htmlFor={`${id}-reason`}>{say('reason')}</Label>
        <TextArea
          id={`${id}-reason`}
          width={1}
          rows={2}
          maxLength={500}
          value={how.reason ?? ''}
          onChange={(event: React.ChangeEvent<HTMLTextAreaElement>) => onChange({ ...how, reason: event.target.value })}
        />
      </FormGroup>
    </>
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

/** Whether, by what and for how long to keep out whoever is ended, and whose sessions that cuts too. Nothing if no source can. */
const KeepOut: React.FC<KeepOutProps> = ({ resourceId, ways, chosen, onChoose }) => {
  const { say, word, period } = useTexts(resourceId)
  if (ways.length === 0) return null

  const bys = (['nobody', ...ways.map(({ by }) => by)] as const).map((by) => ({
    value: by,
    label: word('keepOut', by),
  }))
  const minutes = chosen?.minutes ?? periodsInMinutes[1]!
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
        <Choice
          label={say('keepOutFor')}
          options={periodsInMinutes.map((value) => ({ value, label: period(value) }))}
          value={minutes}
          onChoose={(value) => onChoose({ ...chosen, minutes: value })}
        />
      ) : null}
      {cut.who.length > 0 ? (
        <Box as="div" mb="lg" color="warning" role="status">
          {say('cutsToo')}
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
        <Box as="div" mb="lg" color="warning" role="status">
          {say('cutsUnseen')}
        </Box>
      ) : null}
    </>
  )
}
