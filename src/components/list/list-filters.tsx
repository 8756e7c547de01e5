import { Box, Button, Input } from '@adminjs/design-system'
import React, { useEffect, useRef, useState } from 'react'
import { useTexts } from '../shared/use-texts.js'
import { chips, useFilters } from './filters.js'

/** How long nothing has to be typed before it is searched for, in ms. */
const typingEnds = 300

/** Above the list: a search over names and addresses, and what is asked for most. */
export const ListFilters: React.FC<{ resourceId: string }> = ({ resourceId }) => {
  const { say, button } = useTexts(resourceId)
  const filters = useFilters()
  const searched = filters.of('search')
  const [text, setText] = useState(searched)
  const timer = useRef<ReturnType<typeof setTimeout>>()

  // Changed by the browser's own Back, or by whoever takes all filters away.
  useEffect(() => setText(searched), [searched])
  useEffect(() => () => clearTimeout(timer.current), [])

  const search = (value: string, wait: number) => {
    setText(value)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => filters.set({ search: value.trim() }), wait)
  }

  return (
    <Box as="div" flex alignItems="center" mb="lg" px={['default', 'default', 0]} style={{ gap: 8, flexWrap: 'wrap' }}>
      <form
        role="search"
        style={{ flexGrow: 1, maxWidth: 320, minWidth: 180 }}
        onSubmit={(event) => {
          event.preventDefault()
          search(text, 0)
        }}
      >
        <Input
          type="search"
          width={1}
          aria-label={say('search')}
          placeholder={say('search')}
          value={text}
          onChange={(event: React.ChangeEvent<HTMLInputElement>) => search(event.target.value, typingEnds)}
        />
      </form>
      {(chips[resourceId] ?? []).map(({ name, filters: wanted }) => {
        const on = Object.entries(wanted).every(([field, value]) => filters.of(field) === value)
        const without = Object.fromEntries(Object.keys(wanted).map((field) => [field, '']))
        return (
          <Button
            key={name}
            type="button"
            size="sm"
            rounded
            variant={on ? 'contained' : 'light'}
            color={on ? 'primary' : 'text'}
            aria-pressed={on}
            onClick={() => filters.set(on ? without : wanted)}
          >
            {button(`chip.${name}`)}
          </Button>
        )
      })}
    </Box>
  )
}
