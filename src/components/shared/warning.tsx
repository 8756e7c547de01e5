import { Icon } from '@adminjs/design-system'
import React from 'react'

/** What is to be noticed. The colour is the icon's: as text it is too dark in a dark theme, and in light where it is faded. */
export const Warning: React.FC<React.PropsWithChildren> = ({ children }) => (
  <span>
    <Icon icon="AlertTriangle" size={12} color="warning" mr="sm" />
    {children}
  </span>
)
