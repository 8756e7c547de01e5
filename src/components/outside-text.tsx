import React from 'react'
import { visible } from './visible.js'

interface Props {
  text: string
  /** Breaks long text over lines instead of cutting it. */
  whole?: boolean
  /** What the title says, where the text is only a short form of it. */
  full?: string
}

/** A name from outside, on one line: isolated from the reading direction around it, cut where it is too long, in full in the title. */
export const OutsideText: React.FC<Props> = ({ text, whole = false, full = text }) => {
  const shown = visible(text)
  return (
    <bdi title={whole ? undefined : visible(full)} style={whole ? WHOLE : CUT}>
      {shown}
    </bdi>
  )
}

const CUT: React.CSSProperties = {
  display: 'block',
  minWidth: 0,
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  whiteSpace: 'nowrap',
}

const WHOLE: React.CSSProperties = { overflowWrap: 'anywhere' }
