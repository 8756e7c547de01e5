import { Box, MessageBox } from '@adminjs/design-system'
import React from 'react'
import type { SourceAnswer } from '../actions/answers.js'
import { OutsideText } from './outside-text.js'
import { useTexts } from './texts.js'

/** What must be known of the sources before their rows are believed: which do not answer, and which only read a log. */
export const SourceHealth: React.FC<{ sources: SourceAnswer[]; resourceId: string }> = ({ sources, resourceId }) => {
  const { say, at } = useTexts(resourceId)
  return (
    <div role="status">
      {sources.map((source) => {
        const { host, name, state, evidence, lastGoodAt, error } = source
        const key = `${host}/${name}`
        if (state === 'failing') {
          return (
            <MessageBox
              key={key}
              mb="lg"
              variant="warning"
              message={
                lastGoodAt
                  ? say('sourceFailing', { name, host, time: at(lastGoodAt) })
                  : say('sourceNeverAnswered', { name, host })
              }
            >
              {error ? (
                <Box as="div" mb="sm">
                  <OutsideText text={error} whole />
                </Box>
              ) : null}
              {lastGoodAt ? say('rowsAsLastSeen') : null}
            </MessageBox>
          )
        }
        const note = state === 'starting' ? 'sourceStarting' : evidence === 'log' ? 'sourceFromLog' : null
        return note ? (
          <Box key={key} as="div" mb="lg" fontSize="sm" style={{ opacity: 0.75 }}>
            {say(note, { name, host })}
          </Box>
        ) : null
      })}
    </div>
  )
}
