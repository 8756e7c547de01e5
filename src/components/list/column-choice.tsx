import { Box, Button, CheckBox, Icon, Label } from '@adminjs/design-system'
import React, { useEffect, useId, useRef } from 'react'
import { useTexts } from '../shared/use-texts.js'
import type { Columns } from './columns.js'

/** Which columns the list has: a menu of all that there could be. */
export const ColumnChoice: React.FC<{ columns: Columns; resourceId: string }> = ({ columns, resourceId }) => {
  const { button, property } = useTexts(resourceId)
  const menu = useRef<HTMLDetailsElement>(null)
  const id = useId()

  useEffect(() => {
    const close = (event: Event) => {
      const outside =
        event instanceof KeyboardEvent ? event.key === 'Escape' : !menu.current?.contains(event.target as Node)
      if (!outside || !menu.current?.open) return
      menu.current.open = false
      if (event instanceof KeyboardEvent) menu.current.querySelector('summary')?.focus()
    }
    document.addEventListener('pointerdown', close)
    document.addEventListener('keydown', close)
    return () => {
      document.removeEventListener('pointerdown', close)
      document.removeEventListener('keydown', close)
    }
  }, [])

  return (
    <details ref={menu} style={{ position: 'relative' }}>
      <summary
        style={{ cursor: 'pointer', listStyle: 'none', display: 'flex', alignItems: 'center', gap: 8, fontSize: 12 }}
      >
        <Icon icon="Columns" />
        {button('columns')}
      </summary>
      <Box
        as="div"
        bg="container"
        border="1px solid"
        borderColor="border"
        p="lg"
        style={{ position: 'absolute', right: 0, zIndex: 10, minWidth: 200, maxHeight: 420, overflowY: 'auto' }}
      >
        {columns.offered.map(({ propertyPath: path, label }) => (
          <Box as="div" key={path} flex alignItems="center" mb="default" style={{ whiteSpace: 'nowrap' }}>
            <CheckBox id={`${id}-${path}`} checked={columns.isShown(path)} onChange={() => columns.toggle(path)} />
            <Label inline htmlFor={`${id}-${path}`} ml="default" mb={0}>
              {property(label)}
            </Label>
          </Box>
        ))}
        {columns.reset ? (
          <Button type="button" size="sm" variant="text" color="text" onClick={columns.reset}>
            {button('usualColumns')}
          </Button>
        ) : null}
      </Box>
    </details>
  )
}
