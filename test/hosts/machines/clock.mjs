// A process whose clock is off by so many ms: node --import ./clock.mjs, with CLOCK_IS_OFF_BY.
const offBy = Number(process.env.CLOCK_IS_OFF_BY ?? 0)
const RightDate = Date
globalThis.Date = class extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + offBy)
    else super(...given)
  }
  static now() {
    return RightDate.now() + offBy
  }
}
