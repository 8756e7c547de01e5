/**
 * `adminjs-sessions/testing`: the kit, which checks that an adapter keeps the contract.
 *
 * @module adminjs-sessions/testing
 */
export { checkSource, ContractBroken, type CheckReport } from './check-source.js'
export { hostileNames } from './hostile-names.js'
export type { CheckOptions } from './limits.js'
export type { Scenario, ScenarioClient, ScenarioTransfer } from './scenario.js'
