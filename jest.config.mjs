// AdminJS is ESM: jest runs with --experimental-vm-modules (see the test script).
const project = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { useDefineForClassFields: false, react: { runtime: 'classic' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist'],
}

export default {
  // Real servers on a busy machine take their time; nothing here is about how long something takes.
  testTimeout: 30_000,
  projects: [
    project,
    {
      ...project,
      displayName: 'express 4',
      moduleNameMapper: { ...project.moduleNameMapper, '^express$': 'express-v4' },
      testMatch: ['<rootDir>/test/actions/**/*.test.ts'],
    },
  ],
  reporters: ['default', '<rootDir>/test/closing-line.reporter.mjs'],
}
