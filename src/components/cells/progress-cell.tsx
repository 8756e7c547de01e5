import { Box } from '@adminjs/design-system'
import React from 'react'
import { Cell, type CellProps, numberOf, SecondLine } from '../shared/cell.js'
import { useTexts } from '../shared/use-texts.js'

/**
 * How far a transfer is; in a list, under it how fast. A bar if the size is known; if not, as with every upload, the bytes
 * moved so far.
 */
const ProgressCell: React.FC<CellProps> = (props) => {
  const { say, size, speed, percent } = useTexts(props.resource.id)
  const params = props.record?.params ?? {}
  const progress = numberOf(params.progress)
  const moved = numberOf(params.transferredBytes)
  const total = numberOf(params.totalBytes)
  const perSecond = numberOf(params.bytesPerSecond)
  return (
    <Cell {...props}>
      {progress !== null ? (
        <Bar
          percent={progress}
          text={percent(progress)}
          label={say('progressLabel')}
          title={
            moved !== null && total !== null ? say('movedOf', { moved: size(moved), total: size(total) }) : undefined
          }
        />
      ) : null}
      {progress === null && moved !== null ? <div style={numberStyle}>{size(moved)}</div> : null}
      {perSecond !== null && props.where === 'list' ? <SecondLine>{speed(perSecond)}</SecondLine> : null}
    </Cell>
  )
}

const Bar: React.FC<{ percent: number; text: string; label: string; title?: string }> = ({
  percent,
  text,
  label,
  title,
}) => (
  <Box as="div" flex alignItems="center" style={{ gap: 8 }} title={title}>
    <Box
      as="div"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      flexGrow={1}
      bg="border"
      style={{ height: 6, borderRadius: 3, overflow: 'hidden' }}
    >
      <Box as="div" bg="success" style={{ height: '100%', width: `${percent}%` }} />
    </Box>
    <span style={{ ...numberStyle, minWidth: 36, textAlign: 'right' }}>{text}</span>
  </Box>
)

/** Digits of equal width: a number that changes each second does not move its neighbours. */
const numberStyle: React.CSSProperties = { fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }

export default ProgressCell
