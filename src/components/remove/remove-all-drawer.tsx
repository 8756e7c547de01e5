import { Box, Button, DrawerContent, H3, Icon } from '@adminjs/design-system'
import { type ActionProps, ViewHelpers } from 'adminjs'
import React, { useEffect, useId, useMemo, useRef } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { useTexts } from '../shared/use-texts.js'
import { ScopeRemovalForm } from './scope-removal.js'
import { useScopeRemoval } from './use-scope-removal.js'

/** The drawer of the action `removeAll`: whatever matches the list's filters. */
const RemoveAllDrawer: React.FC<ActionProps> = ({ resource, action }) => {
  const { button, action: nameOf } = useTexts(resource.id)
  const navigate = useNavigate()
  const { search } = useLocation()
  const titleId = useId()
  const dialog = useRef<HTMLElement>(null)
  const query = useMemo(() => filtersOf(search), [search])
  const removal = useScopeRemoval([{ resourceId: resource.id, query }])

  const close = () => navigate(new ViewHelpers().resourceUrl({ resourceId: resource.id, search }))

  useEffect(() => dialog.current?.focus(), [])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) close()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })

  return (
    <Box
      as="section"
      ref={dialog}
      role="dialog"
      aria-labelledby={titleId}
      tabIndex={-1}
      flex
      flexDirection="column"
      flexGrow={1}
      style={{ minHeight: 0, outline: 'none' }}
    >
      <DrawerContent>
        <H3 id={titleId} mb="xl">
          <Button type="button" size="icon" rounded mr="lg" aria-label={button('close')} onClick={close}>
            <Icon icon="ChevronRight" />
          </Button>
          {nameOf(action.label)}
        </H3>
        <ScopeRemovalForm removal={removal} resourceId={resource.id}>
          <Button type="button" variant="light" onClick={close}>
            {button(removal.state === 'before' ? 'cancel' : 'close')}
          </Button>
        </ScopeRemovalForm>
      </DrawerContent>
    </Box>
  )
}

/** Of a list's address, what says which rows it has. */
export function filtersOf(search: string): string {
  const filters = [...new URLSearchParams(search)].filter(([name]) => name.startsWith('filters.'))
  return new URLSearchParams(filters).toString()
}

export default RemoveAllDrawer
