import { Box, ValueGroup } from '@adminjs/design-system'
import type { BasePropertyProps } from 'adminjs'
import React from 'react'
import { useTexts } from './use-texts.js'

/** What AdminJS gives a component that shows a property. */
export type FieldProps = BasePropertyProps

/** A value in its place: bare in a list, under its label on a record's page. */
export const Field: React.FC<React.PropsWithChildren<FieldProps>> = ({ where, property, resource, children }) => {
  const texts = useTexts(resource.id)
  if (where !== 'show') return <Box as="div">{children}</Box>
  return (
    <ValueGroup label={texts.property(property.label)}>
      {React.Children.toArray(children).length > 0 ? children : <Unknown resourceId={resource.id} />}
    </ValueGroup>
  )
}

/** Stands where nothing is known. */
export const Unknown: React.FC<{ resourceId: string }> = ({ resourceId }) => (
  <span title={useTexts(resourceId).say('unknown')} style={{ opacity: 0.6 }}>
    –
  </span>
)

/** A field of a record as text; null where it has none. */
export function textOf({ record, property }: Pick<FieldProps, 'record' | 'property'>): string | null {
  const value: unknown = record?.params[property.path]
  return value === null || value === undefined || value === '' ? null : String(value)
}

/** A field of a record as a number; null where it has none. */
export function numberOf(value: unknown): number | null {
  return value === null || value === undefined || value === '' || Number.isNaN(Number(value)) ? null : Number(value)
}
