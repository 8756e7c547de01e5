import { Badge } from '@adminjs/design-system'
import React from 'react'

export type ChipColour = 'primary' | 'success' | 'danger' | 'info' | 'default'

interface Props {
  variant: ChipColour
  title?: string
}

/** A word in a frame of its colour. The word is in the page's: a dark theme's own colours are too dark for text of 12 px, and in light they fade below it. */
export const Chip: React.FC<React.PropsWithChildren<Props>> = ({ variant, title, children }) => (
  <Badge variant={variant} outline size="sm" title={title} style={{ color: 'inherit' }}>
    {children}
  </Badge>
)
