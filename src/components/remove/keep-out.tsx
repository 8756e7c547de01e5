import { Box, FormGroup, Label, Select } from '@adminjs/design-system'
import React, { useId } from 'react'
import type { EndingAnswer, RemovalQuestion } from '../../actions/http-api.js'
import { commonWays, cutToo } from './ending.js'
import { OutsideText } from '../shared/outside-text.js'
import { useTexts } from '../shared/use-texts.js'

interface Props {
  resourceId: string
  ending: EndingAnswer[]
  chosen: RemovalQuestion['keepOut']
  onChoose(keepOut: RemovalQuestion['keepOut']): void
}

/** 15 minutes, an hour, a day, a week, 30 days. */
const PERIODS = [15, 60, 1440, 10_080, 43_200]

/** Whether, by what and for how long whoever is ended is kept out; and who else that cuts. Nothing where no source can. */
export const KeepOut: React.FC<Props> = ({ resourceId, ending, chosen, onChoose }) => {
  const { say, word, period } = useTexts(resourceId)
  const id = useId()
  const ways = commonWays(ending)
  if (ways.length === 0) return null

  const bys = ['nobody', ...ways].map((by) => ({ value: by, label: word('keepOut', by) }))
  const periods = PERIODS.map((minutes) => ({ value: minutes, label: period(minutes) }))
  const minutes = chosen?.minutes ?? PERIODS[1]!
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
