import React, { createContext, useContext } from 'react'
import { visible } from '../../text/printable.js'

interface Props {
  text: string
  /** Everything, over as many lines as it takes. */
  whole?: boolean
  /** What the title says, where the text is only a short form of it. */
  full?: string
}

/** Set where columns have a fixed width: a name stays on one line there. */
export const OneLine = createContext(false)

/** A name from outside, isolated from the reading direction around it; cut where it is too long, in full in the title. */
export const OutsideText: React.FC<Props> = ({ text, whole = false, full = text }) => {
  const oneLine = useContext(OneLine)
  return (
    <bdi title={whole ? undefined : visible(full)} style={whole ? WHOLE : oneLine ? ONE_LINE : TWO_LINES}>
      {visible(text)}
    </bdi>
  )
}

const WHOLE: React.CSSProperties = { overflowWrap: 'anywhere' }

const ONE_LINE: React.CSSProperties = {
  display: 'block',
  minWidth: 0,
  overflow: 'hidden',
  textAlign: 'left',
  textOverflow: 'ellipsis',
  whiteSpace: 'nowrap',
}

/** In AdminJS's own tables, whose columns are as wide as what they hold: wide enough for an address, and no wider than need be. */
const TWO_LINES: React.CSSProperties = {
  display: '-webkit-box',
  WebkitBoxOrient: 'vertical',
  WebkitLineClamp: 2,
  minWidth: 110,
  overflow: 'hidden',
  overflowWrap: 'anywhere',
  textAlign: 'left',
  wordBreak: 'normal',
}
