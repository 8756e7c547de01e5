import { Badge } from '@adminjs/design-system'
import React from 'react'

export type ChipColour = 'success' | 'danger' | 'info' | 'default'

/** A word in a frame of its colour. AdminJS's own grey is too light for a text of 12 px (3.5 to 1): it is the page's colour. */
export const Chip: React.FC<React.PropsWithChildren<{ variant: ChipColour }>> = ({ variant, children }) => (
  <Badge variant={variant} outline size="sm" style={variant === 'default' ? { color: 'inherit' } : undefined}>
    {children}
  </Badge>
)
