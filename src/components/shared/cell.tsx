import { Box } from '@adminjs/design-system'
import type { BasePropertyProps } from 'adminjs'
import React, { createContext, useContext } from 'react'
import { visible } from '../../text/printable.js'
import { useTexts } from './use-texts.js'
import { quiet } from './dim.js'

/** What AdminJS gives a component that shows a property. */
export type CellProps = BasePropertyProps

/** A value in its place: bare in a list, under its label on a record's page. */
export const Cell: React.FC<React.PropsWithChildren<CellProps>> = ({ where, property, resource, children }) => {
  const texts = useTexts(resource.id)
  if (where !== 'show') return <Box as="div">{children}</Box>
  return (
    <Box as="div" mb="xl">
      <Box as="div" mb="sm" style={{ fontSize: 12, opacity: quiet }}>
        {texts.property(property.label)}
      </Box>
      {React.Children.toArray(children).length > 0 ? children : <Unknown resourceId={resource.id} />}
    </Box>
  )
}

/** The smaller line under a cell's main one. */
export const SecondLine: React.FC<React.PropsWithChildren<{ title?: string }>> = ({ children, title }) => (
  <Box
    as="div"
    mt="xs"
    title={title}
    style={{ fontSize: 12, opacity: quiet, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
  >
    {children}
  </Box>
)

/** Shown where nothing is known. */
export const Unknown: React.FC<{ resourceId: string }> = ({ resourceId }) => (
  <span title={useTexts(resourceId).say('unknown')} style={{ opacity: quiet }}>
    –
  </span>
)

interface OutsideTextProps {
  text: string
  /** Shows all of it, on as many lines as it takes. */
  whole?: boolean
  /** So many lines rather than one, where columns have a fixed width. */
  lines?: number
  /** The text of the title, if `text` is only a short form of it. */
  full?: string
}

/** Set where columns have a fixed width: a name stays on one line there. */
export const OneLine = createContext(false)

/** A name from outside, isolated from the reading direction around it. Cut where it is too long; the title has all of it. */
export const OutsideText: React.FC<OutsideTextProps> = ({ text, whole = false, lines, full = text }) => {
  const oneLine = useContext(OneLine) && lines === undefined
  return (
    <bdi
      title={whole ? undefined : visible(full)}
      style={whole ? wholeStyle : oneLine ? oneLineStyle : { ...linesStyle, WebkitLineClamp: lines ?? 2 }}
    >
      {visible(text)}
    </bdi>
  )
}

const wholeStyle: React.CSSProperties = { overflowWrap: 'anywhere' }

const oneLineStyle: React.CSSProperties = {
  display: 'block',
  minWidth: 0,
  overflow: 'hidden',
  textAlign: 'left',
  textOverflow: 'ellipsis',
  whiteSpace: 'nowrap',
}

/** For AdminJS's own tables, whose columns are as wide as their content: wide enough for an address, no wider than needed. */
const linesStyle: React.CSSProperties = {
  display: '-webkit-box',
  WebkitBoxOrient: 'vertical',
  minWidth: 100,
  overflow: 'hidden',
  overflowWrap: 'anywhere',
  textAlign: 'left',
  wordBreak: 'normal',
}

/** A field of a record as text; null if it is empty. */
export function textOf({ record, property }: Pick<CellProps, 'record' | 'property'>): string | null {
  const value: unknown = record?.params[property.path]
  return value === null || value === undefined || value === '' ? null : String(value)
}

/** The value of a field as a number; null if it is none. */
export function numberOf(value: unknown): number | null {
  return value === null || value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value)
}
