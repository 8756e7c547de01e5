import js from '@eslint/js'
import globals from 'globals'
import { createNodeResolver, importX } from 'eslint-plugin-import-x'
import tseslint from 'typescript-eslint'

/** The floors of src/, from the ground: each imports from itself and from those before it, types included. */
const floors = [
  ['session-fields.ts'],
  ['session-source.ts'],
  ['text', 'timing', 'translations'],
  ['database'],
  ['collectors'],
  ['actions'],
  ['policies', 'webhooks', 'api'],
  ['components'],
  ['resources'],
  ['options.ts', 'claims.ts', 'metrics.ts'],
  ['collect-sessions.ts', 'ask-database.ts'],
  ['create-sessions.ts'],
  ['collect.ts', 'source.ts'],
  ['index.ts'],
]
/** What stands beside the actions: it imports collectors and below, and nothing imports it. */
const beside = ['cli', 'testing']
/** But for what commands start that need a database. */
const started = ['collect-sessions.ts', 'ask-database.ts']

const src = (names) => names.map((name) => `./src/${name}`)
const arrows = [
  ...floors.map((floor, i) => ({
    target: src(floor),
    from: src([...floors.slice(i + 1).flat(), ...beside]),
    message: 'No arrow points up: see the floors in eslint.config.mjs.',
  })),
  ...beside.map((name, i) => ({
    target: src([name]),
    from: src([...floors.slice(floors.findIndex(([name]) => name === 'actions')).flat(), beside[1 - i]]).filter(
      (path) => name !== 'cli' || !src(started).includes(path),
    ),
    message: 'It imports collectors and what is below them.',
  })),
]

export default tseslint.config(
  { ignores: ['dist/', 'api/', 'node_modules/', 'examples/back-office/data/', 'adminjs-bundle/', '.adminjs/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    },
  },
  {
    files: ['src/**'],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensionAlias: { '.js': ['.ts', '.tsx', '.js'] } })] },
    rules: { 'import-x/no-restricted-paths': ['error', { zones: arrows }] },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // == null asks for both null and undefined.
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    files: ['test/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          "CallExpression[callee.object.name='jest'][callee.property.name='setTimeout']",
          'CallExpression[callee.name=/^(test|(before|after)(All|Each))$/] > Literal[value>0]',
          "CallExpression[callee.callee.property.name='each'] > Literal[value>0]",
        ].map((selector) => ({
          selector,
          message: 'No time limit of its own: a busy machine reaches it. testTimeout in jest.config.mjs is for all.',
        })),
      ],
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
  },
)
