import { Pagination, Text } from '@adminjs/design-system'
import { useQueryParams } from 'adminjs'
import React, { useEffect, useRef } from 'react'
import type { LiveAnswer } from './use-live-list.js'
import { useTexts } from '../shared/use-texts.js'

/** AdminJS's pagination, with names for its buttons: they are icons alone. */
export const Pages: React.FC<{ meta: LiveAnswer['meta']; resourceId: string }> = ({ meta, resourceId }) => {
  const { button } = useTexts(resourceId)
  const { storeParams } = useQueryParams()
  const around = useRef<HTMLDivElement>(null)

  useEffect(() => {
    for (const place of ['first', 'previous', 'next', 'last']) {
      around.current?.querySelector(`[data-testid="${place}"]`)?.setAttribute('aria-label', button(`${place}Page`))
    }
  })

  return (
    <div ref={around}>
      <Text mt="xl" textAlign="center">
        <Pagination
          page={meta.page}
          perPage={meta.perPage}
          total={meta.total}
          onChange={(page) => storeParams({ page: String(page) })}
        />
      </Text>
    </div>
  )
}
