import { Box, Button } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React from 'react'
import type { RemovalAnswer } from '../../actions/page-answers.js'
import { Login } from '../cells/login-cell.js'
import { Outcome } from '../cells/outcome-cell.js'
import { Warning } from '../shared/warning.js'
import { OutsideText } from '../shared/cell.js'
import { type Texts, useTexts } from '../shared/use-texts.js'
import { browserOf } from '../cells/user-agent-cell.js'
import { inline } from '../../text/printable.js'
import { faded, quiet } from '../shared/dim.js'

interface Props {
  record: RecordJSON
  resourceId: string
  removal?: RemovalAnswer
  /** Ending it now leaves half a file. */
  cutsFile: boolean
  /** Ends it by force. Offered only if the server says that this is possible. */
  onForce?(): void
}

/** A session in the drawer: whose it is, what it is doing, and then the outcome of its removal. */
export const RemoveRow: React.FC<Props> = ({ record, resourceId, removal, cutsFile, onForce }) => {
  const texts = useTexts(resourceId)
  const { params } = record
  return (
    <Box
      as="li"
      py="lg"
      borderBottom="1px solid"
      borderColor="border"
      style={{ opacity: params.gone ? faded : undefined }}
    >
      <Box as="div" flex justifyContent="space-between" alignItems="start" style={{ gap: 16 }}>
        <Box as="div" style={{ minWidth: 0 }}>
          {params.gone && !params.key ? (
            texts.say('goneUnknown', { id: record.id })
          ) : (
            <Login record={record} resourceId={resourceId} whole />
          )}
        </Box>
        {removal ? <Outcome outcome={removal.outcome} resourceId={resourceId} /> : null}
      </Box>
      <Box as="ul" mt="sm" style={{ fontSize: 12 }}>
        {detailsOf(record, texts).map((detail) => (
          <Box as="li" key={detail} mt="xs" style={{ opacity: quiet, overflowWrap: 'anywhere' }}>
            {detail}
          </Box>
        ))}
        {cutsFile ? (
          <li>
            <Warning>{texts.say('halfAFile')}</Warning>
          </li>
        ) : null}
        {removal?.said ? (
          <Box as="li" mt="xs" style={{ fontWeight: 500 }}>
            <OutsideText text={texts.sentences(removal)} whole />
          </Box>
        ) : null}
      </Box>
      {removal?.force && onForce ? (
        <Box as="div" mt="lg">
          <Box as="p" mb="default" style={{ fontSize: 12 }}>
            <Warning>
              <OutsideText text={removal.force} whole />
            </Warning>
          </Box>
          <Button type="button" size="sm" variant="contained" color="danger" onClick={onForce}>
            {texts.button('endByForce')}
          </Button>
        </Box>
      ) : null}
    </Box>
  )
}

function detailsOf({ params }: RecordJSON, texts: Texts): string[] {
  const { say, word, property } = texts
  if (params.gone) return [say('alreadyGone')]
  const doing = params.status ? word('status', String(params.status)) : null
  return [
    params.own ? say('ownRefused') : null,
    [params.ip, params.domain]
      .filter(Boolean)
      .map((part) => inline(String(part)))
      .join(' · '),
    params.severalHosts ? `${property('host')}: ${inline(String(params.host))}` : null,
    params.userAgent ? (browserOf(params, texts) ?? inline(String(params.userAgent))) : null,
    doing && params.fileName ? say('doingFile', { doing, file: String(params.fileName) }) : doing,
  ].filter((detail): detail is string => Boolean(detail))
}
