import { Box, MessageBox } from '@adminjs/design-system'
import React from 'react'
import type { ListAnswer, SourceAnswer } from '../../actions/page-answers.js'
import { OutsideText } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'
import { quiet } from '../shared/dim.js'

type Props = Pick<ListAnswer, 'sources' | 'unseen' | 'ownMissing'> & { resourceId: string }

/**
 * Above the rows: which sources fail, since when, and why; only how many, where the admin may not see which; what the list
 * of a source that can be read had to leave out; and that the admin's own session is missing.
 */
export const SourceTroubles: React.FC<Props> = ({ sources, unseen, ownMissing, resourceId }) => {
  const { say, at } = useTexts(resourceId)
  return (
    <div role="status">
      {sources
        .filter(({ state }) => state === 'failing')
        .map(({ host, name, lastGoodAt, failingSince, error }) => (
          <MessageBox
            key={`${host}/${name}`}
            mb="lg"
            variant="warning"
            message={
              lastGoodAt
                ? `${say('sourceFailing', { name, host, time: at(failingSince ?? lastGoodAt) })} ${say('rowsAsLastSeen')}`
                : say('sourceNeverAnswered', { name, host })
            }
          >
            {error ? <OutsideText text={error} whole /> : null}
          </MessageBox>
        ))}
      {sources.map(({ host, name, warning }) =>
        warning === null ? null : (
          <MessageBox key={`${host}/${name}`} mb="lg" variant="info" message={say('sourceWarns', { name, host })}>
            <OutsideText text={warning} whole />
          </MessageBox>
        ),
      )}
      {ownMissing === null ? null : (
        <MessageBox mb="lg" variant="warning" message={say('ownMissing')}>
          <OutsideText text={ownMissing} whole />
        </MessageBox>
      )}
      {unseen.failing > 0 ? (
        <MessageBox mb="lg" variant="warning" message={say('sourcesFailing', { count: unseen.failing })} />
      ) : null}
    </div>
  )
}

/** Below the rows: sources that have not been read yet, and sources that only read a log. */
export const SourceNotes: React.FC<Props> = ({ sources, resourceId }) => {
  const { say } = useTexts(resourceId)
  const noteOf = ({ state, evidence }: SourceAnswer) =>
    state === 'starting' ? 'sourceStarting' : evidence === 'log' ? 'sourceFromLog' : null
  return (
    <>
      {sources.map((source) => {
        const { host, name } = source
        const note = noteOf(source)
        return note ? (
          <Box
            as="p"
            key={`${host}/${name}`}
            mt="lg"
            px={['default', 'default', 0]}
            style={{ fontSize: 12, opacity: quiet }}
          >
            {say(note, { name, host })}
          </Box>
        ) : null
      })}
    </>
  )
}
