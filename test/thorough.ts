/**
 * Whether all is tested, as by `npm run test:all`. What only repeats what is tested every day is not there otherwise,
 * rather than skipped: a skipped test is one that this machine can't run.
 */
export const thorough = Boolean(process.env.THOROUGH)
