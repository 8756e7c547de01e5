import { useEffect } from 'react'

/** The last thing with an id that had the focus and is in no dialog: what has opened one. */
let lastId: string | null = null
/** A dialog has closed, and nothing has taken the focus back yet. */
let returning = false

document.addEventListener('focusin', ({ target }) => {
  if (target instanceof HTMLElement && target.id && !target.closest('[role="dialog"]')) lastId = target.id
})

/** To be told by a dialog that closes. */
export function dialogClosed(): void {
  returning = true
}

/**
 * Gives the focus back to what a dialog was opened by: AdminJS mounts the list anew when its drawer closes. Where that is
 * no longer there, to the list.
 *
 * @param ready the rows are there
 * @param home of the list
 */
export function useFocusReturn(ready: boolean, home: React.RefObject<HTMLElement>): void {
  useEffect(() => {
    if (!ready || !returning) return
    returning = false
    const opener = lastId === null ? null : document.getElementById(lastId)
    ;(opener ?? home.current)?.focus()
  }, [ready])
}
