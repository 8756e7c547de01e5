import type { Access } from '../actions/access.js'
import type { WhyNotListed } from '../actions/list.action.js'
import type { OwnKeys } from '../actions/own-sessions.js'
import type { Collector } from '../collectors/engine/collector.js'
import type { Components } from '../components/index.js'
import type { Holds } from '../database/holds.js'
import type { Database } from '../database/open-database.js'
import type { RemovalRecords } from '../database/removal-records.js'
import type { Forms } from './properties.js'

/** What every resource and its actions are made of. */
export interface ResourceParts {
  database: Database
  access: Access
  records: RemovalRecords
  holds: Holds
  collectors: readonly Collector[]
  ownKeys: OwnKeys
  /** Names of the panel sources. */
  panels: readonly string[]
  whyNotListed: WhyNotListed
  refreshEvery: number
  /** How long somebody counts as online after he was active, in ms. */
  onlineFor: number
  origins: readonly string[]
  components: Components
  forms: Forms
}
