// For `node --import`: AdminJS and TypeORM as one file each, for a process that bundles nothing.
import { register } from 'node:module'
import { pathToFileURL } from 'node:url'
import { adminjsInOneFile, typeormInOneFile } from './in-one-file.mjs'

const paths = { adminjs: await adminjsInOneFile(), typeorm: await typeormInOneFile('esm') }
const urls = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, pathToFileURL(path).href]))
const hook = `const urls = ${JSON.stringify(urls)}
export const resolve = (name, context, next) =>
  Object.hasOwn(urls, name) ? { url: urls[name], format: 'module', shortCircuit: true } : next(name, context)`
register(`data:text/javascript,${encodeURIComponent(hook)}`)
