import { Button } from '@adminjs/design-system'
import { type ActionProps, ViewHelpers } from 'adminjs'
import React, { useMemo, useRef } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { DrawerDialog } from '../shared/drawer-dialog.js'
import { filtersOf } from '../shared/urls.js'
import { useTexts } from '../shared/use-texts.js'
import { ScopeRemovalForm } from './scope-removal.js'
import { useScopeRemoval } from './use-scope-removal.js'

/** The drawer of the action `removeAll`: whatever matches the list's filters. */
const RemoveAllDrawer: React.FC<ActionProps> = ({ resource, action }) => {
  const { button, action: nameOf } = useTexts(resource.id)
  const navigate = useNavigate()
  const { search } = useLocation()
  const dialog = useRef<HTMLElement>(null)
  const query = useMemo(() => filtersOf(search), [search])
  const removal = useScopeRemoval([{ resourceId: resource.id, query }])

  const close = () => navigate(new ViewHelpers().resourceUrl({ resourceId: resource.id, search }))

  return (
    <DrawerDialog dialog={dialog} title={nameOf(action.label)} closeLabel={button('close')} onClose={close}>
      <ScopeRemovalForm removal={removal} resourceId={resource.id}>
        <Button type="button" variant="light" color="text" onClick={close}>
          {button(removal.state === 'before' ? 'cancel' : 'close')}
        </Button>
      </ScopeRemovalForm>
    </DrawerDialog>
  )
}

export default RemoveAllDrawer
