import { Box, Button, DrawerContent, H3, Icon } from '@adminjs/design-system'
import React, { useEffect, useId } from 'react'
import { dialogClosed } from './focus-return.js'
import { Home } from './home.js'

interface Props {
  /** Given to whoever has to take the focus back to it. */
  dialog: React.RefObject<HTMLElement>
  title: string
  /** What the button with the arrow is called. */
  closeLabel: string
  onClose(): void
  /** Makes it a form. The focus comes back to the dialog, for what was submitted by may be gone then. */
  onSubmit?(): void
  /** Below what scrolls. */
  footer?: React.ReactNode
}

/** What AdminJS's drawer holds: a dialog that takes the focus, with a title, a way back, and Escape. */
export const DrawerDialog: React.FC<React.PropsWithChildren<Props>> = ({
  dialog,
  title,
  closeLabel,
  onClose,
  onSubmit,
  footer,
  children,
}) => {
  const titleId = useId()

  useEffect(() => {
    dialog.current?.focus()
    return dialogClosed
  }, [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open list of choices handles Escape itself.
      if (event.key === 'Escape' && !event.defaultPrevented) onClose()
      if (event.key === 'Tab' && dialog.current) stayIn(dialog.current, event)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })

  return (
    <Home as="section" home={dialog} role="dialog" aria-modal="true" aria-labelledby={titleId} style={column}>
      <Box
        as={onSubmit ? 'form' : 'div'}
        style={column}
        onSubmit={(event: React.FormEvent) => {
          // A form may be inside, whose own this is.
          if (!onSubmit) return
          event.preventDefault()
          onSubmit()
          dialog.current?.focus()
        }}
      >
        <DrawerContent>
          <H3 id={titleId} mb="xl">
            <Button type="button" size="icon" color="text" rounded mr="lg" aria-label={closeLabel} onClick={onClose}>
              <Icon icon="ChevronRight" />
            </Button>
            {title}
          </H3>
          {children}
        </DrawerContent>
        {footer}
      </Box>
    </Home>
  )
}

const column: React.CSSProperties = {
  display: 'flex',
  flexDirection: 'column',
  flexGrow: 1,
  minHeight: 0,
}

/** From its last control the focus goes to its first one, and back; from outside it comes in. */
function stayIn(dialog: HTMLElement, event: KeyboardEvent): void {
  const all = [...dialog.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary')]
  const controls = all.filter((one) => !one.matches(':disabled') && one.getClientRects().length > 0)
  const [first, last] = [controls[0] ?? dialog, controls.at(-1) ?? dialog]
  const at = document.activeElement
  const inside = dialog.contains(at) && at !== dialog
  const leaves = !inside || at === (event.shiftKey ? first : last)
  if (!leaves) return
  event.preventDefault()
  ;(event.shiftKey ? last : first).focus()
}
