import { CheckBox, FormGroup, Label, TextArea } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React, { useId } from 'react'
import { useEnding } from './ending.js'
import { KeepOut } from './keep-out.js'
import type { HowToEnd } from './asked.js'
import { useTexts } from '../shared/use-texts.js'

interface Props {
  resourceId: string
  records: RecordJSON[]
  how: HowToEnd
  onChange(how: HowToEnd): void
}

/** What can be chosen before sessions are ended: when, who is kept out afterwards, and the reason that is kept. */
export const HowToEndFields: React.FC<Props> = ({ resourceId, records, how, onChange }) => {
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
