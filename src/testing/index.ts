export { checkSource, ContractBroken, type CheckOptions, type CheckReport } from './check-source.js'
export { hostileNames } from './hostile-names.js'
export type { Scenario, ScenarioClient, ScenarioTransfer } from './scenario.js'
