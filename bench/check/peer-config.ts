import { join } from 'node:path'

/* How the peers are told the same rules, for the bench of their speed and for the page of their messages. */

export const maxLines = 350
export const banned = ['lodash', 'winston', 'axios', 'bluebird', 'p-queue']
const layers = ['types', 'config', 'repo', 'service', 'runtime', 'ui']

export const peerVersions = {
  '@biomejs/biome': '2.6.8',
  '@typescript-eslint/parser': '8.73.0',
  'dependency-cruiser': '18.7.2',
  eslint: '10.15.0',
  'eslint-import-resolver-typescript': '4.4.5',
  'eslint-plugin-boundaries': '7.2.0',
  knip: '6.44.2',
  typescript: '5.9.3',
}

export const biomeConfig = {
  files: { includes: ['**/src/**/*.ts', '**/src/**/*.tsx'] },
  formatter: { enabled: false },
  linter: {
    rules: {
      preset: 'none',
      suspicious: { noImportCycles: 'error' },
      style: {
        noExcessiveLinesPerFile: { level: 'error', options: { maxLines } },
        noRestrictedImports: {
          level: 'error',
          options: { paths: Object.fromEntries(banned.map((name) => [name, 'Use the provider.'])) },
        },
      },
    },
  },
}

type CruiserKind = 'layer' | 'file-cycle' | 'banned-lib'

export function cruiserRules(): Readonly<Record<CruiserKind, readonly unknown[]>> {
  const rule = { severity: 'error', from: {} }
  return {
    'file-cycle': [{ ...rule, name: 'no-cycles', comment: 'Cut the circle.', to: { circular: true } }],
    'banned-lib': [{ ...rule, name: 'banned', comment: 'Use the provider.', to: { path: `/(?:${banned.join('|')})/` } }],
    layer: layers.slice(0, -1).map((layer, at) => ({
      ...rule,
      name: `layer-${layer}`,
      comment: `A ${layer} package may not import what is above it.`,
      from: { path: `^packages/[^/]+/[^/]+-${layer}/` },
      to: { path: `^packages/[^/]+/[^/]+-(?:${layers.slice(at + 1).join('|')})/` },
    })),
  }
}

export const cruiserOptions = {
  doNotFollow: { path: 'node_modules' },
  tsPreCompilationDeps: true,
  // Without these it does not find a package of the workspace that has `exports` and no `main`.
  enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
}

/** ESLint's usual resolver does not read `exports` either; the one for TypeScript does. */
export function eslintConfig(tools: string): string {
  const resolver = JSON.stringify(join(tools, 'node_modules/eslint-import-resolver-typescript'))
  return `import parser from '@typescript-eslint/parser'
import boundaries from 'eslint-plugin-boundaries'
const layers = ${JSON.stringify(layers)}
export default [{
  files: ['**/*.ts', '**/*.tsx'],
  languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
  plugins: { boundaries },
  settings: {
    'boundaries/elements': layers.map((type) => ({ type, pattern: 'packages/*/*-' + type, capture: ['domain', 'feature'] })),
    'import/resolver': { [${resolver}]: { alwaysTryTypes: true } },
  },
  rules: {
    'max-lines': ['error', ${maxLines}],
    'no-restricted-imports': ['error', ...${JSON.stringify(banned)}],
    'boundaries/dependencies': ['error', {
      default: 'disallow',
      policies: layers.map((from, at) => ({
        from: { element: { type: from } },
        allow: layers.slice(0, at + 1).map((type) => ({ to: { element: { type } } })),
      })),
    }],
  },
}]
`
}
