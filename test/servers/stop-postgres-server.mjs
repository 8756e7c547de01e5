// Jest's globalTeardown.
export default () => globalThis.stopPostgresServer?.()
