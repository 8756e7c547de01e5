import React from 'react'
import { Link } from 'react-router-dom'

/** Its content, as a link where there is somewhere to go. */
export const Linked: React.FC<React.PropsWithChildren<{ to: string | null }>> = ({ to, children }) =>
  to === null ? (
    <>{children}</>
  ) : (
    <Link to={to} style={{ color: 'inherit', minWidth: 0, textDecoration: 'underline', textDecorationStyle: 'dotted' }}>
      {children}
    </Link>
  )
