// Bundles this package's components as docs/deployment.md tells users to, from the built package.
process.env.ADMIN_JS_TMP_DIR = process.argv[2] // read when adminjs is imported
const { default: AdminJS, ComponentLoader } = await import('adminjs')
const { registerComponents } = await import('../../dist/index.js')

const componentLoader = new ComponentLoader()
registerComponents(componentLoader)
await new AdminJS({ componentLoader }).initialize()
