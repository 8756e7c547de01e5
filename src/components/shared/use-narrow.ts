import { useSyncExternalStore } from 'react'

/** Where AdminJS puts its sidebar away and its own lists keep one column, in px. */
const query = '(max-width: 768px)'

/** Whether the page is as narrow as a phone's. */
export function useNarrow(): boolean {
  return useSyncExternalStore(watch, () => matchMedia(query).matches)
}

function watch(changed: () => void): () => void {
  const list = matchMedia(query)
  list.addEventListener('change', changed)
  return () => list.removeEventListener('change', changed)
}
