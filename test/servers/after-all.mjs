// Jest's globalTeardown.
export default () => globalThis.stopShared?.()
