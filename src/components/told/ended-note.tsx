import { endedCookie, endedSentences } from '../../text/ended-cookie.js'

/**
 * Says above AdminJS's login page that an admin has ended the session that its person came with. That page is AdminJS's,
 * which shows nothing there of anybody else's; but it loads every component, and this one when it is loaded.
 */
const EndedNote = () => null

if (typeof document !== 'undefined' && location.pathname === loginPath()) {
  // Loaded in the head, before there is a body.
  if (document.body) show()
  else document.addEventListener('DOMContentLoaded', show)
}

function loginPath(): string | undefined {
  const { REDUX_STATE: state } = window as unknown as { REDUX_STATE?: { paths?: { loginPath?: string } } }
  return state?.paths?.loginPath
}

function show(): void {
  const sentences = endedSentences(document.cookie)
  if (sentences.length === 0) return
  document.cookie = `${endedCookie}=; Max-Age=0; Path=/`
  const note = document.createElement('div')
  note.setAttribute('role', 'alert')
  note.style.cssText =
    'position:fixed;top:0;left:0;right:0;z-index:1000;padding:16px;text-align:center;' +
    'background:#fff4e0;color:#3b2a00;font:15px/1.5 Roboto,sans-serif'
  for (const sentence of sentences) note.appendChild(document.createElement('div')).textContent = sentence
  document.body.appendChild(note)
}

export default EndedNote
