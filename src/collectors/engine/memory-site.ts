import type { Notes } from '../../session-source.js'

/** A source's memory for as long as the process runs. */
export function notesInMemory(): Notes {
  const notes = new Map<string, { value: string; until: Date }>()
  const forgetPast = () => {
    for (const [key, { until }] of notes) if (until < new Date()) notes.delete(key)
  }
  return {
    async get(key) {
      forgetPast()
      const note = notes.get(key)
      return note && (JSON.parse(note.value) as unknown)
    },
    async set(key, value, until) {
      notes.set(key, { value: JSON.stringify(value), until })
    },
    async all() {
      forgetPast()
      return new Map([...notes].map(([key, { value }]) => [key, JSON.parse(value) as unknown]))
    },
  }
}
