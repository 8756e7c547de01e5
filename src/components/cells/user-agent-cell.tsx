import { Box } from '@adminjs/design-system'
import type { RecordJSON } from 'adminjs'
import React from 'react'
import { Cell, type CellProps, OutsideText, textOf } from '../shared/cell.js'
import { type Texts, useTexts } from '../shared/use-texts.js'
import { quiet } from '../shared/dim.js'

/** Browser and system in a few words, with the agent's own text in the title; on a record's page that text under them. */
const UserAgentCell: React.FC<CellProps> = (props) => {
  const texts = useTexts(props.resource.id)
  const userAgent = textOf(props)
  const words = browserOf(props.record?.params ?? {}, texts)
  const alone = props.where === 'show'
  return (
    <Cell {...props}>
      {userAgent === null ? null : <OutsideText text={words ?? userAgent} full={userAgent} whole={alone} />}
      {alone && userAgent !== null && words !== null ? (
        <Box as="div" mt="xs" style={{ fontSize: 12, opacity: quiet }}>
          <OutsideText text={userAgent} whole />
        </Box>
      ) : null}
    </Cell>
  )
}

/** `Firefox 143 on Windows`, from what the server has read in the user agent; null if it could read nothing. */
export function browserOf({ browser, system }: RecordJSON['params'], { say }: Pick<Texts, 'say'>): string | null {
  return browser && system ? say('browserOn', { browser, system }) : (browser ?? system ?? null)
}

export default UserAgentCell
