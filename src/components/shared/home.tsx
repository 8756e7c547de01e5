import { Box, type BoxProps, themeGet } from '@adminjs/design-system'
import { styled } from '@adminjs/design-system/styled-components'
import React, { type RefObject, useEffect, useRef } from 'react'

type Props = BoxProps & {
  as: 'main' | 'section'
  /** Given to whoever has to take the focus back to it. */
  home?: RefObject<HTMLElement>
}

/**
 * A part of a page in which the focus is seen and not lost: where what has it is taken away or switched off, its home gets
 * it, and not the beginning of the page.
 */
export const Home: React.FC<Props> = ({ home, style, ...others }) => {
  const own = useRef<HTMLElement>(null)
  const ref = home ?? own
  useEffect(() => keepFocus(ref.current!), [])
  return <Seen {...others} color="text" ref={ref} tabIndex={-1} style={{ ...style, outline: 'none' }} />
}

/**
 * AdminJS's buttons have no mark of the focus, and the shadow that its inputs get is none in a dark theme.
 *
 * @see https://www.w3.org/TR/WCAG22/#focus-visible
 */
const Seen = styled(Box)`
  & :focus-visible,
  & [type='checkbox']:focus-visible + a {
    outline: 2px solid ${themeGet('colors', 'primary100')};
    outline-offset: 2px;
  }
`

function keepFocus(home: HTMLElement): () => void {
  let last: Element | null = null
  const onFocus = ({ target }: FocusEvent) => {
    last = home.contains(target as Node) ? (target as Element) : null
  }
  const observer = new MutationObserver(() => {
    const at = document.activeElement
    const isLost = at === null || at === document.body || at.matches(':disabled')
    if (last === null || !isLost || (last.isConnected && !last.matches(':disabled'))) return
    last = null
    home.focus({ preventScroll: true })
  })
  observer.observe(home, { subtree: true, childList: true, attributeFilter: ['disabled'] })
  document.addEventListener('focusin', onFocus)
  return () => {
    observer.disconnect()
    document.removeEventListener('focusin', onFocus)
  }
}
