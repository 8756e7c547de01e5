import { Box, CheckBox, FormGroup, Label, Select, TextArea } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React, { useEffect, useId, useState } from 'react'
import type { EndingAnswer, RemovalQuestion } from '../../actions/http-api.js'
import { OutsideText } from '../shared/cell.js'
import { ask, removeUrl } from '../shared/http.js'
import { useTexts } from '../shared/use-texts.js'
import { commonWays, cutToo } from './keep-out-ways.js'
import type { HowToEnd } from './removal-question.js'

interface Props {
  resourceId: string
  records: RecordJSON[]
  how: HowToEnd
  onChange(how: HowToEnd): void
}

/** What can be chosen before sessions are ended: when, who is kept out afterwards, and the reason that is kept. */
export const RemoveOptions: React.FC<Props> = ({ resourceId, records, how, onChange }) => {
  const { say } = useTexts(resourceId)
  const ending = useEnding(resourceId, records)
  const id = useId()
  const moving = records.some(({ params }) => ['uploading', 'downloading'].includes(params.status))
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
        ending={ending}
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
  ending: EndingAnswer[]
  chosen: RemovalQuestion['keepOut']
  onChoose(keepOut: RemovalQuestion['keepOut']): void
}

/** 15 minutes, an hour, a day, a week, 30 days. */
const periodsInMinutes = [15, 60, 1440, 10_080, 43_200]

/** Whether, by what and for how long to keep out whoever is ended, and whose sessions that cuts too. Empty if no source can. */
const KeepOut: React.FC<KeepOutProps> = ({ resourceId, ending, chosen, onChoose }) => {
  const { say, word, period } = useTexts(resourceId)
  const id = useId()
  const ways = commonWays(ending)
  if (ways.length === 0) return null

  const bys = ['nobody', ...ways].map((by) => ({ value: by, label: word('keepOut', by) }))
  const periods = periodsInMinutes.map((minutes) => ({ value: minutes, label: period(minutes) }))
  const minutes = chosen?.minutes ?? periodsInMinutes[1]!
  const cut = chosen ? cutToo(ending, chosen.by) : { who: [], more: false }
  return (
    <>
      <FormGroup>
        <Label htmlFor={`${id}-by`}>{say('afterwards')}</Label>
        <Select
          inputId={`${id}-by`}
          isClearable={false}
          options={bys}
          value={bys.find(({ value }) => value === (chosen?.by ?? 'nobody'))}
          onChange={({ value }: { value: string }) =>
            onChoose(value === 'login' || value === 'ip' ? { by: value, minutes } : undefined)
          }
        />
      </FormGroup>
      {chosen ? (
        <FormGroup>
          <Label htmlFor={`${id}-period`}>{say('keepOutFor')}</Label>
          <Select
            inputId={`${id}-period`}
            isClearable={false}
            options={periods}
            value={periods.find(({ value }) => value === minutes)}
            onChange={({ value }: { value: number }) => onChoose({ ...chosen, minutes: value })}
          />
        </FormGroup>
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

/**
 * By what each of these sessions can be kept out. AdminJS fetches the drawer's records itself and passes on nothing else
 * of the answer, so this is a second request. Empty until it is answered, and if it fails.
 */
function useEnding(resourceId: string, records: RecordJSON[]): EndingAnswer[] {
  const [ending, setEnding] = useState<EndingAnswer[]>([])

  useEffect(() => {
    const ids = records.filter(({ params }) => !params.gone).map(({ id }) => id)
    if (ids.length === 0) return
    const life = new AbortController()
    ask<{ ending?: EndingAnswer[] }>(removeUrl(resourceId, ids), { poll: true, signal: life.signal })
      .then((answer) => setEnding(answer.ending ?? []))
      .catch(() => undefined)
    return () => life.abort()
  }, [resourceId, records])

  return ending
}
