// Bundles this package's components into a directory, as docs/deployment.md tells users to: node bundle-components.mjs DIRECTORY
process.env.ADMIN_JS_TMP_DIR = process.argv[2] // read when adminjs is imported
const { default: AdminJS, ComponentLoader } = await import('adminjs')
const { registerComponents } = await import('adminjs-sessions')

const componentLoader = new ComponentLoader()
registerComponents(componentLoader)
await new AdminJS({ componentLoader }).initialize()
