/**
 * What this package says of a removal, by key: kept with the record and translated on the page. What a server says itself
 * is filled in as it is.
 */
export const saidInEnglish = {
  unreadable: '{{source}} could not be read, so nothing was ended: {{problem}}',
  endedByDead:
    'The process that was ending this session stopped in the middle of it; the session was gone at the first look afterwards.',
  notKeptOut: 'Could not be kept out: {{problem}}',
  heldUnread: 'It is kept out from now on, but {{source}} could not be read afterwards: {{problem}}',
  askedUnread: 'Asked to end, but {{source}} could not be read afterwards: {{problem}}',
  logSilent: 'Asked to end, but its log has not shown the end within {{seconds}} s.',
  stillThere: 'Asked to end, but still there after {{seconds}} s.',
  somebodyElses: "It was {{login}}'s when its end was asked for; now it is somebody else's.",
  nobodysNow: "It was {{login}}'s when its end was asked for; now it is nobody's.",
  somebodysNow: "It was nobody's when its end was asked for; now it is somebody else's.",
  elsewhere: 'It came from {{ip}} when its end was asked for, and comes from elsewhere now.',
  elsewhereThanUnknown: 'It came from an unknown address when its end was asked for, and comes from elsewhere now.',
  notAllowed: 'You are not allowed to end this session.',
  hostSilent: 'Nobody reads {{source}} on {{host}} any more, so whether its session has ended is not known.',
  askedFor: 'Asked for: {{count}}.',
  notExpress:
    'AdminJS runs on another framework than Express here, so it is not known where the request came from, and nothing was done.',
  otherSite: 'The request came from another site (Sec-Fetch-Site: {{site}}).',
  otherOrigin:
    'The request came from another origin ({{origin}}) than this back office ({{own}}). If {{origin}} is how you open it, a proxy hides that: set the option origins of createSessions.',
  stopped: 'It was stopped before it had begun.',
  own: 'This is your own session; log out to end it.',
  notTicked: 'This is no longer the session that you ticked: look at the list again.',
  noForce: '{{source}} cannot end a session by force.',
  forceTooEarly: 'It can be ended by force only after an ordinary end of it has failed, within the last day.',
  goneNobodyKeptOut: 'It had gone before, so nobody was kept out.',
  cannotKeepOutByLogin: '{{source}} cannot keep anybody out by login.',
  cannotKeepOutByIp: '{{source}} cannot keep anybody out by ip.',
  loginUnknown: 'Its login is not known, so nobody can be kept out by it.',
  ipUnknown: 'Its ip is not known, so nobody can be kept out by it.',
  loginTooLong: 'Its login is too long to be kept out by it: {{length}} characters.',
  ipTooLong: 'Its ip is too long to be kept out by it: {{length}} characters.',
  loginCutsOwn: 'Keeping this login out would end your own session as well.',
  ipCutsOwn: 'Keeping this ip out would end your own session as well.',
  loginCutsOthers: 'Keeping this login out would end sessions as well that you are not allowed to end.',
  ipCutsOthers: 'Keeping this ip out would end sessions as well that you are not allowed to end.',
}

export type SaidKey = keyof typeof saidInEnglish

export const saidInGerman: Record<SaidKey, string> = {
  unreadable: '{{source}} war nicht lesbar, darum wurde nichts beendet: {{problem}}',
  endedByDead:
    'Der Prozess, der diese Sitzung beendete, hörte mittendrin auf; beim ersten Nachsehen danach war die Sitzung weg.',
  notKeptOut: 'Konnte nicht ausgesperrt werden: {{problem}}',
  heldUnread: 'Sie ist von jetzt an ausgesperrt, aber {{source}} war danach nicht lesbar: {{problem}}',
  askedUnread: 'Das Ende wurde verlangt, aber {{source}} war danach nicht lesbar: {{problem}}',
  logSilent: 'Das Ende wurde verlangt, aber das Log hat es innerhalb von {{seconds}} s nicht gezeigt.',
  stillThere: 'Das Ende wurde verlangt, aber sie ist nach {{seconds}} s noch da.',
  somebodyElses: 'Sie gehörte {{login}}, als ihr Ende verlangt wurde; jetzt gehört sie jemand anderem.',
  nobodysNow: 'Sie gehörte {{login}}, als ihr Ende verlangt wurde; jetzt gehört sie niemandem.',
  somebodysNow: 'Sie gehörte niemandem, als ihr Ende verlangt wurde; jetzt gehört sie jemandem.',
  elsewhere: 'Sie kam von {{ip}}, als ihr Ende verlangt wurde, und kommt jetzt von anderswo.',
  elsewhereThanUnknown:
    'Sie kam von einer unbekannten Adresse, als ihr Ende verlangt wurde, und kommt jetzt von anderswo.',
  notAllowed: 'Sie dürfen diese Sitzung nicht beenden.',
  hostSilent: 'Niemand liest {{source}} auf {{host}} mehr; ob die Sitzung geendet hat, ist nicht bekannt.',
  askedFor: 'Verlangt: {{count}}.',
  notExpress:
    'AdminJS läuft hier nicht auf Express; woher die Anfrage kam, ist darum nicht bekannt, und nichts wurde getan.',
  otherSite: 'Die Anfrage kam von einer anderen Website (Sec-Fetch-Site: {{site}}).',
  otherOrigin:
    'Die Anfrage kam von anderswo ({{origin}}) als von diesem Backoffice ({{own}}). Wird es unter {{origin}} geöffnet, so verschweigt das ein Proxy: die Option origins von createSessions setzen.',
  stopped: 'Es wurde angehalten, bevor es begonnen hatte.',
  own: 'Das ist Ihre eigene Sitzung; melden Sie sich ab, um sie zu beenden.',
  notTicked: 'Das ist nicht mehr die Sitzung, die Sie markiert haben: sehen Sie noch einmal in die Liste.',
  noForce: '{{source}} kann keine Sitzung gewaltsam beenden.',
  forceTooEarly:
    'Gewaltsam beendet werden kann sie erst, wenn ein gewöhnliches Ende innerhalb des letzten Tages misslungen ist.',
  goneNobodyKeptOut: 'Sie war schon weg, darum wurde niemand ausgesperrt.',
  cannotKeepOutByLogin: '{{source}} kann niemanden anhand des Logins aussperren.',
  cannotKeepOutByIp: '{{source}} kann niemanden anhand der IP-Adresse aussperren.',
  loginUnknown: 'Ihr Login ist nicht bekannt, darum kann niemand damit ausgesperrt werden.',
  ipUnknown: 'Ihre IP-Adresse ist nicht bekannt, darum kann niemand damit ausgesperrt werden.',
  loginTooLong: 'Ihr Login ist zu lang, um damit auszusperren: {{length}} Zeichen.',
  ipTooLong: 'Ihre IP-Adresse ist zu lang, um damit auszusperren: {{length}} Zeichen.',
  loginCutsOwn: 'Diesen Login auszusperren würde auch Ihre eigene Sitzung beenden.',
  ipCutsOwn: 'Diese IP-Adresse auszusperren würde auch Ihre eigene Sitzung beenden.',
  loginCutsOthers: 'Diesen Login auszusperren würde auch Sitzungen beenden, die Sie nicht beenden dürfen.',
  ipCutsOthers: 'Diese IP-Adresse auszusperren würde auch Sitzungen beenden, die Sie nicht beenden dürfen.',
}
