import { Box, Button, DrawerContent, H3, Icon } from '@adminjs/design-system'
import React, { useEffect, useId } from 'react'

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

  useEffect(() => dialog.current?.focus(), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // An open list of choices handles Escape itself.
      if (event.key === 'Escape' && !event.defaultPrevented) onClose()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })

  return (
    <Box
      as={onSubmit ? 'form' : 'section'}
      ref={dialog}
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
      flex
      flexDirection="column"
      flexGrow={1}
      style={{ minHeight: 0, outline: 'none' }}
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
          <Button type="button" size="icon" rounded mr="lg" aria-label={closeLabel} onClick={onClose}>
            <Icon icon="ChevronRight" />
          </Button>
          {title}
        </H3>
        {children}
      </DrawerContent>
      {footer}
    </Box>
  )
}
