import { useEffect } from 'react'

/** By which to find what had the focus last and is in no dialog: what has opened one. Null where nothing tells it. */
let opener: string | null = null
/** A dialog has closed, and nothing has taken the focus back yet. */
let returning = false

document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement) || target.closest('[role="dialog"]')) return
  // AdminJS's own buttons have no id.
  const told = ['id', 'data-css', 'href'].find((name) => target.getAttribute(name))
  opener = told === undefined ? null : `[${told}=${JSON.stringify(target.getAttribute(told))}]`
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
    const found = opener === null ? null : document.querySelector<HTMLElement>(opener)
    ;(found ?? home.current)?.focus()
  }, [ready])
}
