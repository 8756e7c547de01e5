export { checkSource, ContractBroken, type CheckReport } from './check-source.js'
export { hostileNames } from './hostile-names.js'
export type { CheckOptions } from './limits.js'
export type { Scenario, ScenarioClient, ScenarioTransfer } from './scenario.js'
