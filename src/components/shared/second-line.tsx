import { Box } from '@adminjs/design-system'
import React from 'react'

/** The smaller line under a cell's main one. */
export const SecondLine: React.FC<React.PropsWithChildren<{ title?: string }>> = ({ children, title }) => (
  <Box
    as="div"
    mt="xs"

    title={title}
    style={{ fontSize: 12, opacity: 0.75, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
  >
    {children}
  </Box>
)
