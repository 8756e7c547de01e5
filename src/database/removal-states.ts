/**
 * What a removal may be, and who may move it from what to what. `pending` is the only state that anything follows: what
 * has an outcome keeps it. The table in docs/promises.md is this one, and a test compares them.
 */
export const removalMoves = [
  { from: null, to: 'pending', by: 'asker', when: 'he may end the session' },
  { from: null, to: 'refused', by: 'asker', when: 'he may not, or it is his own, or no longer the one that he ticked' },
  { from: null, to: 'already-gone', by: 'asker', when: 'an FTP connection had gone before he asked' },
  { from: null, to: 'tried', by: 'asker', when: 'a policy would have ended it, and is only tried' },
  { from: 'pending', to: 'ended', by: 'taker', when: 'it was there, was asked to end, and is not in a later list' },
  { from: 'pending', to: 'already-gone', by: 'taker', when: 'it was in no list' },
  { from: 'pending', to: 'refused', by: 'taker', when: "it is somebody else's now, or the source must not end it" },
  { from: 'pending', to: 'failed', by: 'taker', when: 'the source failed, or it is still there when its time is up' },
  { from: 'pending', to: 'unknown', by: 'taker', when: 'it was asked to end, and nothing tells whether it has' },
  { from: 'pending', to: 'kept-out', by: 'taker', when: 'it is about no session, and whom it names is kept out' },
  { from: 'pending', to: 'stopped', by: 'stopper', when: 'its asker stopped what had not begun' },
  { from: 'pending', to: 'unknown', by: 'pruner', when: 'nobody has read its source for a day' },
] as const

/**
 * Who moves it: whoever asks for it writes it down, and may stop what no engine has taken yet; the engine that took it
 * writes what became of it; where there is none any more, whoever deletes what is old.
 */
export type RemovalMover = (typeof removalMoves)[number]['by']
export type RemovalOutcome = (typeof removalMoves)[number]['to']

/** Every state, in the order in which pages name them. */
export const removalOutcomes: readonly RemovalOutcome[] = [...new Set(removalMoves.map(({ to }) => to))]

/** What may come after this state, from this hand. */
export function movesFrom(from: RemovalOutcome | null, by: RemovalMover): RemovalOutcome[] {
  return removalMoves.filter((move) => move.from === from && move.by === by).map(({ to }) => to)
}

/** Will it stay as it is? */
export function isSettled(outcome: RemovalOutcome): boolean {
  return removalMoves.every(({ from }) => from !== outcome)
}
