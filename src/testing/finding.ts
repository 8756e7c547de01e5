/** Thrown by a check whose rule does not hold: what was found instead. */
export class Finding extends Error {}

/** Thrown by a check that cannot be made: what is missing. */
export class NotChecked extends Error {}
