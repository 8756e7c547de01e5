import { Box, Loader } from '@adminjs/design-system'
import React from 'react'
import type { LiveList } from './use-live-list.js'

/** Where a list has no rows: why, which is said only of the filters that the answer is of. */
export const NoRows: React.FC<React.PropsWithChildren<{ list: LiveList<unknown> }>> = ({ list, children }) => {
  if (!list.isOfTheseFilters) return list.failure === null ? <Loader /> : null
  return (
    <Box as="p" py="xxl" style={{ textAlign: 'center' }}>
      {children}
    </Box>
  )
}
