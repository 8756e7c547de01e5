import React from 'react'
import { Cell, type CellProps, OutsideText, SecondLine, textOf } from '../shared/cell.js'

/** The file that is being moved; in a list, under it the session's directory. */
const FileCell: React.FC<CellProps> = (props) => {
  const fileName = textOf(props)
  const location: unknown = props.record?.params.location
  if (props.where === 'show') {
    return <Cell {...props}>{fileName === null ? null : <OutsideText text={fileName} whole />}</Cell>
  }
  return (
    <Cell {...props}>
      {fileName === null ? null : <OutsideText text={fileName} />}
      {location ? (
        <SecondLine>
          <OutsideText text={String(location)} />
        </SecondLine>
      ) : null}
    </Cell>
  )
}

export default FileCell
