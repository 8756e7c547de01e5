import { adminjsInOneFile, typeormInOneFile } from './test/in-one-file.mjs'

// AdminJS is ESM: jest runs with --experimental-vm-modules (see the test script).
const project = {
  testEnvironment: '<rootDir>/test/environment.mjs',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // As examples/adapter imports them; here from src/ and not from dist/.
    '^adminjs-sessions/source$': '<rootDir>/src/source.ts',
    '^adminjs-sessions/linux$': '<rootDir>/src/collectors/ftp/os/index.ts',
    '^adminjs-sessions/testing$': '<rootDir>/src/testing/index.ts',
  },
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
  modulePathIgnorePatterns: ['<rootDir>/dist'],
}

/**
 * What starts a server or a stand-in for one, a browser, AdminJS, a database or the built package, by what it goes through.
 * All else is a unit test, and fails if it does.
 */
const whole = {
  engine: [
    'database/(changes|deliveries|migrations|new-rows|removals-in-hand|statements|traffic)',
    'engine/(collector|history|holds|holds-of-two-processes|host-survives|memory|postgres|pruning|removals|restart|silent-hosts)',
    'engine/(leases|rows-keep-their-ids|session-table|take-over)',
    '(policies/policies|resources/list-queries|webhooks/webhooks)',
  ],
  http: ['(actions|api|frameworks|trust)/.*', 'cli/over-database', '(create-sessions|metrics)'],
  servers: [
    '(crash|hosts)/.*',
    'cli/proftpd',
    'collectors/ftp/proftpd/(bans|end|inetd|lifecycle|login|namespaces|open-files|rights|states)',
    'collectors/ftp/(open-files-of|states)',
    'collectors/ftp/[a-z0-9-]+/contract',
    'collectors/ftp/shared/plesk-accounts',
    'collectors/ftp/(pure-ftpd|vsftpd)/(end|inetd|launched|namespaces|open-files|rights|states|variants)',
    'collectors/panel/plesk/(contract|plesk|remove)',
    'collectors/panel/session-files/(contract|php|remove|rights)',
    'collectors/panel/session-table/(contract|databases|remove)',
    'collectors/panel/express-sessions/(ended-stays-ended|readers/(readers|connect-redis|bundled))',
    // They have a server of their own, if only a stand-in, and wait for its idle times.
    '(docs/(plesk|write-an-adapter)|testing/express-sessions-contract)',
  ],
  e2e: ['(browser|example|package)/.*'],
}
const testsOf = (paths) => paths.map((path) => `/test/${path}\\.test\\.ts$`)

/**
 * What repeats, with another server, store, page or language, what is tested every day. `npm run test:all` runs it too;
 * CONTRIBUTING.md says of each what covers it every day. Where that is so of a part of a file: test/thorough.ts.
 */
const thorough = [
  'actions/counted-for-all',
  ...['browser/by-force', 'browser/ftp-sessions', 'browser/history', 'browser/offices', 'browser/panel-sessions'],
  ...['browser/keyboard', 'browser/several-hosts', 'browser/told'],
  ...['collectors/ftp/pure-ftpd/namespaces', 'collectors/ftp/vsftpd/launched', 'collectors/ftp/vsftpd/namespaces'],
  ...['collectors/panel/express-sessions/readers/bundled', 'example/hosts'],
  ...['trust/new-host-names', 'trust/regenerated-ids', 'trust/untouched-sessions'],
]
const left = process.env.THOROUGH ? [] : testsOf(thorough)

const withServers = {
  ...project,
  moduleNameMapper: {
    ...project.moduleNameMapper,
    '^adminjs$': await adminjsInOneFile(),
    '^typeorm$': await typeormInOneFile('cjs'),
  },
  testPathIgnorePatterns: left,
  globalSetup: '<rootDir>/test/servers/before-all.mjs',
  globalTeardown: '<rootDir>/test/servers/after-all.mjs',
}

export default {
  // Nothing here is about how long something takes: only what hangs gets there, after `hangs` of test/until.ts, and long
  // after whoever waits for the turn to have servers (test/servers/turn.ts).
  testTimeout: 1_200_000,
  // Three per core: a good part of a run is waiting for servers.
  maxWorkers: 6,
  // Jest keeps the ES modules of each file that a worker has run: what it has to collect grows with every one.
  workerIdleMemoryLimit: '700MB',
  projects: [
    {
      ...project,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: testsOf(Object.values(whole).flat()),
      moduleNameMapper: {
        '^(adminjs|@adminjs/.*|playwright-core)$': '<rootDir>/test/not-in-unit-tests.cjs',
        '/servers/(mariadb|php|postgres|proftpd|pure-ftpd|redis|vsftpd)\\.js$': '<rootDir>/test/not-in-unit-tests.cjs',
        ...project.moduleNameMapper,
      },
    },
    ...Object.entries(whole).map(([displayName, paths]) => ({
      ...withServers,
      displayName,
      testRegex: testsOf(paths),
    })),
    {
      ...withServers,
      displayName: 'express 4',
      // What does not depend on it is left out there.
      globals: { expressVersion: 4 },
      moduleNameMapper: { ...withServers.moduleNameMapper, '^express$': 'express-v4' },
      testRegex: `/test/(actions/(${left.length > 0 ? '' : 'list|polls|'}remove|same-origin)${left.length > 0 ? '' : '|api/(removals|asking)'})\\.test\\.ts$`,
    },
  ],
  reporters: ['default', ['<rootDir>/test/closing-line.reporter.mjs', { left: left.length }]],
}
