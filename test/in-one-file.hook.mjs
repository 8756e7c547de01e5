// For `node --import`: AdminJS as one file, for a process that bundles nothing.
import { register } from 'node:module'
import { pathToFileURL } from 'node:url'
import { adminjsInOneFile } from './in-one-file.mjs'

const url = JSON.stringify(pathToFileURL(await adminjsInOneFile()))
const hook = `export const resolve = (name, context, next) =>
  name === 'adminjs' ? { url: ${url}, format: 'module', shortCircuit: true } : next(name, context)`
register(`data:text/javascript,${encodeURIComponent(hook)}`)
