import { afterEach, test } from 'vitest'
import { planInit } from './plan-init.ts'
import { makeRepository, removeRepositories } from '../sample-repository.ts'

afterEach(removeRepositories)

/** `deleted: …` where a linter's rule is taken for a sentence; otherwise what is done instead. */
async function fate(sentence: string, files: Readonly<Record<string, string>>): Promise<string> {
  const manifest = '{"devDependencies":{"eslint":"9","oxlint":"1","@biomejs/biome":"2"}}'
  const root = await makeRepository({
    'package.json': manifest,
    'src/a.ts': 'export {}\n',
    ...files,
    'AGENTS.md': `- ${sentence}\n`,
  })
  const { outcome } = (await planInit(root)).sentences[0] ?? { outcome: { kind: 'kept', why: 'no sentence' } as const }
  return outcome.kind === 'enforced' ? `deleted: ${outcome.by}` : outcome.kind === 'kept' ? `kept: ${outcome.why}` : 'replaced'
}

const any = 'Never use `any`.'
const braces = 'Always use braces around all control statements.'
const flat = (rules: string, more = ''): string => `export default [{ files: ['**/*.ts'], rules: { ${rules} } }${more}]\n`
const rc = (config: object): string => JSON.stringify({ root: true, ...config })
const strict = { '@typescript-eslint/no-explicit-any': 'error' }
const forTs = (rules: object): object => ({ files: ['*.ts'], rules })
const biome = (style: object, more: object = {}): string => JSON.stringify({ linter: { rules: { style } }, ...more })
const anyBiome = { linter: { rules: { suspicious: { noExplicitAny: 'error' } } } }

const enforced: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['flat', any, { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': 'error'") }],
  [
    'flat, by number, after presets',
    any,
    {
      'eslint.config.mjs': `import tseslint from 'typescript-eslint'\nexport default tseslint.config(tseslint.configs.strict, { files: ['src/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': [2, { fixToUnknown: true }] } })\n`,
    },
  ],
  ['cascading', any, { '.eslintrc.json': rc({ overrides: [forTs(strict)] }) }],
  [
    'cascading, nearest wins',
    any,
    {
      '.eslintrc.json': rc({ overrides: [forTs({ '@typescript-eslint/no-explicit-any': 'off' })] }),
      'src/.eslintrc.json': JSON.stringify({ overrides: [forTs(strict)] }),
    },
  ],
  ['oxlint', any, { '.oxlintrc.json': '{ // ours\n "rules": { "typescript/no-explicit-any": "deny", } }' }],
  ['biome', any, { 'biome.json': JSON.stringify(anyBiome) }],
  ['biome, with files', any, { 'biome.jsonc': JSON.stringify({ ...anyBiome, files: { includes: ['**', '!**/dist'] } }) }],
  ['braces', braces, { 'biome.json': biome({ useBlockStatements: 'error' }) }],
  ['curly', braces, { 'eslint.config.js': flat("curly: ['error', 'all']").replace('.ts', '.{ts,js}') }],
  [
    'no braces',
    'Avoid unnecessary braces.',
    { 'eslint.config.js': flat("curly: ['error', 'multi']").replace('.ts', '.{ts,js}') },
  ],
]

test.for(enforced)(
  'CON-64 a rule that certainly says the same enforces a sentence: %s',
  async ([, sentence, files], { expect }) => {
    expect(await fate(sentence, files)).toMatch(/^deleted: /)
  },
)

const notEnforced: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['a warning', any, { 'biome.json': JSON.stringify({ linter: { rules: { suspicious: { noExplicitAny: 'warn' } } } }) }],
  ['off', any, { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': 'off'") }],
  [
    'a weaker option',
    any,
    { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': ['error', { ignoreRestArgs: true }]") },
  ],
  [
    'an option that stays from before',
    any,
    {
      'eslint.config.js': flat(
        "'@typescript-eslint/no-explicit-any': ['error', { ignoreRestArgs: true }]",
        ", { files: ['**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'error' } }",
      ),
    },
  ],
  [
    'switched off later',
    any,
    {
      'eslint.config.js': flat(
        "'@typescript-eslint/no-explicit-any': 'error'",
        ", { files: ['src/**'], rules: { '@typescript-eslint/no-explicit-any': 0 } }",
      ),
    },
  ],
  [
    'a preset later',
    any,
    { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': 'error'", ', tseslint.configs.recommended') },
  ],
  ['an unknown element', any, { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': 'error'", ', ...ours') }],
  ['a computed option', any, { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': ['error', options]") }],
  [
    'ignored by all',
    any,
    { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': 'error'", ", { ignores: ['src/**'] }") },
  ],
  [
    'globalIgnores',
    any,
    { 'eslint.config.js': flat("'@typescript-eslint/no-explicit-any': 'error'", ", globalIgnores(['**/src'])") },
  ],
  [
    'only for some files',
    any,
    {
      'eslint.config.js':
        "export default [{ files: ['lib/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'error' } }]\n",
    },
  ],
  [
    'excluded files',
    any,
    {
      'eslint.config.js':
        "export default [{ files: ['**/*.ts'], ignores: ['**/a.ts'], rules: { '@typescript-eslint/no-explicit-any': 'error' } }]\n",
    },
  ],
  [
    'TypeScript not looked at',
    any,
    { 'eslint.config.js': "export default [{ rules: { '@typescript-eslint/no-explicit-any': 'error' } }]\n" },
  ],
  ['extends what is not read', any, { '.eslintrc.json': rc({ extends: ['./base'], overrides: [forTs(strict)] }) }],
  [
    'an override that extends',
    any,
    { '.eslintrc.json': rc({ overrides: [forTs(strict), { files: ['src/**'], extends: ['x'] }] }) },
  ],
  ['.eslintignore', any, { '.eslintrc.json': rc({ overrides: [forTs(strict)] }), '.eslintignore': 'src\n' }],
  ['ignorePatterns', any, { '.eslintrc.json': rc({ overrides: [forTs(strict)], ignorePatterns: ['src/'] }) }],
  ['both forms', any, { '.eslintrc.json': rc({ overrides: [forTs(strict)] }), 'eslint.config.js': 'export default []\n' }],
  [
    'a nearer configuration of oxlint',
    any,
    { '.oxlintrc.json': '{"rules":{"typescript/no-explicit-any":"error"}}', 'src/.oxlintrc.json': '{"rules":{}}' },
  ],
  [
    'a plugin that is not on',
    any,
    { '.oxlintrc.json': '{"plugins":["unicorn"],"rules":{"typescript/no-explicit-any":"error"}}' },
  ],
  [
    'another name of the rule, off',
    any,
    {
      '.oxlintrc.json':
        '{"rules":{"typescript/no-explicit-any":"error"},"overrides":[{"files":["*.ts"],"rules":{"no-explicit-any":"off"}}]}',
    },
  ],
  [
    'biome, switched off',
    any,
    { 'biome.json': JSON.stringify({ linter: { enabled: false, rules: { suspicious: { noExplicitAny: 'error' } } } }) },
  ],
  ['biome, files not included', any, { 'biome.json': JSON.stringify({ ...anyBiome, files: { includes: ['lib/**'] } }) }],
  ['biome, files taken out', any, { 'biome.json': JSON.stringify({ ...anyBiome, files: { includes: ['**', '!src'] } }) }],
  [
    'biome, an override',
    any,
    { 'biome.json': JSON.stringify({ ...anyBiome, overrides: [{ includes: ['src/**'], linter: { enabled: false } }] }) },
  ],
  [
    'biome, a group in an override',
    any,
    {
      'biome.json': JSON.stringify({
        ...anyBiome,
        overrides: [{ includes: ['src/**'], linter: { rules: { suspicious: 'off' } } }],
      }),
    },
  ],
  ['biome, extends', any, { 'biome.json': JSON.stringify({ ...anyBiome, extends: ['./x.json'] }) }],
  ['no JSON', any, { 'biome.json': '{ "linter": ' }],
  ['no program runs it', any, { 'biome.json': JSON.stringify(anyBiome), 'package.json': '{}' }],
  ['the opposite', 'Avoid unnecessary braces.', { 'biome.json': biome({ useBlockStatements: 'error' }) }],
  ['curly, the opposite', braces, { 'eslint.config.js': flat("curly: ['error', 'multi']") }],
  ['curly, only lines', braces, { 'eslint.config.js': flat("curly: ['error', 'multi-line']") }],
  ['what to use instead', 'Never use `any`; use `unknown`.', { 'biome.json': JSON.stringify(anyBiome) }],
  ['null let through', 'Use `===` and `!==`.', { 'eslint.config.js': flat("eqeqeq: ['error', 'always', { null: 'ignore' }]") }],
  [
    'null let through by default',
    'Use `===` and `!==`.',
    { 'biome.json': JSON.stringify({ linter: { rules: { suspicious: { noDoubleEquals: 'error' } } } }) },
  ],
  ['an allowed method', 'Never use `console.log`.', { 'eslint.config.js': flat("'no-console': ['error', { allow: ['log'] }]") }],
]

test.for(notEnforced)(
  'CON-64 a rule that may say less, another thing or nothing enforces no sentence: %s',
  async ([, sentence, files], { expect }) => {
    expect(await fate(sentence, files)).not.toMatch(/^deleted: /)
  },
)
