// The back office that shows the sessions of all hosts.
import { ComponentLoader } from 'adminjs'
import session from 'express-session'
import { createSessions, expressSessions } from '../../dist/index.js'
import { officeApp } from '../../test/trust/office-app.mjs'
import { measured } from './measured.mjs'

const store = new session.MemoryStore()
const componentLoader = new ComponentLoader()
const { resources } = await createSessions({
  ...{ componentLoader, sources: [expressSessions({ store })], access: { remove: () => true } },
  ...{ database: { type: 'postgres', url: process.argv[2] }, host: 'office' },
})
const { origin } = await officeApp({ store, componentLoader, resources })
process.send(origin)
measured()
