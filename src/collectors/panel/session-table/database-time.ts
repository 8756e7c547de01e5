/**
 * A moment as a database's text has it: seconds since 1970, or a date and a time, in UTC where no zone is behind them.
 *
 * @throws where it is something else; nothing of it is in the message
 */
export function databaseTime(text: string): Date {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?) ?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text)
  const zone = (parts?.[3] ?? 'Z').replace(
    /^([+-]\d\d):?(\d\d)?$/,
    (_, hours: string, minutes = '00') => `${hours}:${minutes}`,
  )
  const ms = /^\d{1,12}(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(`${parts?.[1]}T${parts?.[2]}${zone}`)
  if (Number.isNaN(ms)) {
    throw new Error(`${text.length} characters are no time: expected seconds since 1970, or a date and a time in UTC`)
  }
  return new Date(ms)
}
