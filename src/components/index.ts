import type { ComponentLoader } from 'adminjs'
import { fileURLToPath } from 'node:url'

/**
 * This package's components: the key is the name that `registerComponents` returns, the value its file.
 *
 * - `SessionsList`: the `list` action of `PanelSession` and `FtpSession`.
 * - `RecordsList`: the `list` action of the other tables.
 * - `RecordPage`: the `show` action of all of them.
 * - `RemoveDrawer`: the bulk action `remove` of `PanelSession` and `FtpSession`, with `showInDrawer: true`.
 * - `RemoveAllDrawer`: their action `removeAll`, of whatever matches a filter, with `showInDrawer: true`.
 * - `KeepOutDrawer`: the action `keepOut` of `SessionHold`, with `showInDrawer: true`.
 * - `CsvDrawer`: the action `csv` of `SessionRemoval` and `SessionHistory`, with `showInDrawer: true`.
 * - `Everything`: their action `everything`, the page of one person or address.
 *
 * - `Dashboard`: AdminJS's dashboard.
 * - `EndedNote`: says above AdminJS's login page that an admin has ended a session.
 *
 * The others show one property, in a `list` and on a record's page (`show`):
 * - `LoginCell`: `login` of a session; shows its `type` under it and marks one's own.
 * - `StatusCell`: `status`, with `condition` under it.
 * - `FileCell`: `fileName`, with `location` under it.
 * - `ProgressCell`: `progress`, with `bytesPerSecond` under it; the bytes moved where there is no percentage.
 * - `IpCell`: `ip`, with `logonIp` under it where that is another.
 * - `UserAgentCell`: `userAgent`.
 * - `IdleCell`: `lastActiveAt`, as a running time.
 * - `OutcomeCell`: `outcome` of a removal, with `cameBackAt` under it.
 * - `SourceStateCell`: `state` of a source, with its whole reason where it is failing.
 * - `SnapshotCell`: `session` of a removal, on its record's page.
 * - `ValueCell`: every other field, in the way that its property's `custom.as` says: see `ShownAs`.
 */
const files = {
  SessionsList: 'list/sessions-list',
  RecordsList: 'list/records-list',
  RecordPage: 'record/record-page',
  RemoveDrawer: 'remove/remove-drawer',
  RemoveAllDrawer: 'remove/remove-all-drawer',
  Everything: 'person/everything',
  Dashboard: 'dashboard/dashboard',
  EndedNote: 'told/ended-note',
  KeepOutDrawer: 'remove/keep-out-drawer',
  CsvDrawer: 'csv/csv-drawer',
  LoginCell: 'cells/login-cell',
  StatusCell: 'cells/status-cell',
  FileCell: 'cells/file-cell',
  ProgressCell: 'cells/progress-cell',
  IpCell: 'cells/ip-cell',
  UserAgentCell: 'cells/user-agent-cell',
  IdleCell: 'cells/idle-cell',
  OutcomeCell: 'cells/outcome-cell',
  SourceStateCell: 'cells/source-state-cell',
  SnapshotCell: 'cells/snapshot-cell',
  ValueCell: 'cells/value-cell',
} as const

/** The ids under which AdminJS knows the components. */
export type Components = Record<keyof typeof files, string>

/**
 * Makes the components known to a back office. `createSessions` does it by itself: this is for a build that bundles
 * AdminJS's components where there is no database, and no session store. Twice with the same loader is as good as once.
 *
 * The paths have no extension: AdminJS's bundler takes the `.tsx` of the sources and the `.js` of the package alike. Where
 * the host says that they were bundled before (`ADMIN_JS_SKIP_BUNDLE`), nobody reads them, and in a server that is itself
 * a bundle they are not there.
 *
 * @param componentLoader the one that `new AdminJS` gets
 * @example
 * // build-components.mjs, run with NODE_ENV=production; the server then runs with ADMIN_JS_SKIP_BUNDLE=true
 * const componentLoader = new ComponentLoader()
 * registerComponents(componentLoader)
 * await new AdminJS({ componentLoader }).initialize()
 */
export function registerComponents(componentLoader: ComponentLoader): Components {
  const ids = Object.entries(files).map(([name, file]) => {
    const id = `AdminjsSessions${name}`
    try {
      componentLoader.add(id, fileURLToPath(new URL(`./${file}`, import.meta.url)))
    } catch (error) {
      if (process.env.ADMIN_JS_SKIP_BUNDLE !== 'true') throw error
    }
    return [name, id]
  })
  return Object.fromEntries(ids) as Components
}
