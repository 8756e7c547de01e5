import { Box } from '@adminjs/design-system'
import React, { useId } from 'react'
import { quiet } from './dim.js'

interface Props<Value> {
  label: string
  options: { value: Value; label: string }[]
  value: Value
  onChoose(value: Value): void
}

/** One of a few: each is a click away, and all of them are to be read at once. */
export function Choice<Value extends string | number>({ label, options, value, onChoose }: Props<Value>) {
  const name = useId()
  return (
    <Box as="fieldset" mb="lg" style={{ border: 0, padding: 0, margin: '0 0 16px' }}>
      <Box as="legend" mb="default" style={{ fontSize: 12, opacity: quiet }}>
        {label}
      </Box>
      <Box as="div" flex style={{ gap: 8, flexWrap: 'wrap' }}>
        {options.map((option) => (
          <Box
            as="label"
            key={option.value}
            px="default"
            py="sm"
            border="1px solid"
            borderColor={option.value === value ? 'primary100' : 'border'}
            style={{ display: 'inline-flex', alignItems: 'center', gap: 8, borderRadius: 16, cursor: 'pointer' }}
          >
            <input
              type="radio"
              name={name}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
              style={{ margin: 0 }}
            />
            {option.label}
          </Box>
        ))}
      </Box>
    </Box>
  )
}
