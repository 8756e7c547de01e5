import { MessageBox } from '@adminjs/design-system'
import React from 'react'
import type { Live } from '../shared/use-live.js'
import { useTexts } from '../shared/use-texts.js'

/** Above a list: that it is not up to date, or could not be had at all, and why. */
export const ListFailure: React.FC<{ list: Live<unknown>; resourceId: string }> = ({ list, resourceId }) => {
  const { say, why, at } = useTexts(resourceId)
  const { answer, answeredAt, failure } = list
  if (failure === null) return null
  return (
    <MessageBox
      mb="lg"
      variant={answer === null ? 'danger' : 'warning'}
      message={
        answer === null
          ? say('neverAnswered')
          : say('notUpdatedSince', { time: at(new Date(answeredAt).toISOString()) })
      }
    >
      {why(failure)}
    </MessageBox>
  )
}
