import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Peer {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** What it looked at, when that is not everything. */
  readonly files?: string
}

const packages = {
  '@biomejs/biome': '2.6.8',
  '@typescript-eslint/parser': '8.73.0',
  'dependency-cruiser': '18.7.2',
  eslint: '10.15.0',
  'eslint-plugin-boundaries': '7.2.0',
  knip: '6.44.2',
  typescript: '5.9.3',
}

/** Tools to compare with, in a folder of their own outside the repository; or a sentence why there are none. */
export function installPeers(folder: string, root: string): readonly Peer[] | string {
  const stamp = join(folder, `installed-${Object.entries(packages).flat().join('-').replaceAll('/', '_')}`)
  if (!existsSync(stamp)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: packages }))
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    const result = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', timeout: 300_000 })
    if (result.status !== 0) return `they cannot be installed here (${result.stderr.trim().split('\n')[0] ?? 'npm failed'})`
    writeFileSync(stamp, '')
  }
  const program = (name: string): string => join(folder, 'node_modules/.bin', name)
  return [biome(folder, root, program('biome')), cruiser(folder, root, program('depcruise')), ...rest(folder, root, program)]
}

function biome(folder: string, root: string, program: string): Peer {
  const config = join(folder, 'biome')
  mkdirSync(config, { recursive: true })
  const rules = {
    recommended: false,
    suspicious: { noConsole: 'error', noExplicitAny: 'error', noImportCycles: 'error' },
    style: {
      useFilenamingConvention: { level: 'error', options: { filenameCases: ['kebab-case'] } },
      noRestrictedImports: { level: 'error', options: { paths: { lodash: 'no', winston: 'no', axios: 'no' } } },
    },
  }
  const files = { includes: ['**/src/**/*.ts', '**/src/**/*.tsx'] }
  writeFileSync(join(config, 'biome.json'), JSON.stringify({ files, linter: { rules }, formatter: { enabled: false } }))
  return {
    name: 'Biome, with cycles',
    program,
    args: ['lint', `--config-path=${config}`, '--max-diagnostics=20', 'packages'],
    cwd: root,
  }
}

function cruiser(folder: string, root: string, program: string): Peer {
  const config = join(folder, 'depcruise.cjs')
  const forbidden = [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'banned', severity: 'error', from: {}, to: { path: '^(?:lodash|winston|axios|bluebird|p-queue)' } },
    { name: 'layers', severity: 'error', from: { path: '-types/' }, to: { path: '-(?:config|repo|service|runtime|ui)/' } },
  ]
  const options = { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true }
  writeFileSync(config, `module.exports = ${JSON.stringify({ forbidden, options })}`)
  // Its own walk dies in symbolic links that lead to each other.
  const sources = globSync('packages/*/*/src', { cwd: root })
  return { name: 'dependency-cruiser', program, args: ['--config', config, '--output-type', 'err', ...sources], cwd: root }
}

function rest(folder: string, root: string, program: (name: string) => string): Peer[] {
  const config = join(folder, 'eslint.config.js')
  writeFileSync(config, eslintConfig)
  // On everything it takes minutes: one domain of many.
  const domain = globSync('packages/*/*-types', { cwd: root })[0]?.split('/')[1] ?? '*'
  const count = globSync(`packages/${domain}/*/src/**/*.{ts,tsx}`, { cwd: root }).length
  return [
    { name: 'knip', program: program('knip'), args: ['--no-exit-code', '--max-show-issues', '5'], cwd: root },
    {
      name: 'ESLint + boundaries',
      program: program('eslint'),
      args: ['--config', config, '--no-warn-ignored', `packages/${domain}/*/src/**/*.{ts,tsx}`],
      cwd: root,
      files: `${count} files only`,
    },
  ]
}

const eslintConfig = `import parser from '@typescript-eslint/parser'
import boundaries from 'eslint-plugin-boundaries'
const layers = ['types', 'config', 'repo', 'service', 'runtime', 'ui']
export default [{
  files: ['**/*.ts', '**/*.tsx'],
  languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
  plugins: { boundaries },
  settings: { 'boundaries/elements': layers.map((type) => ({ type, pattern: 'packages/*/*-' + type })) },
  rules: {
    'max-lines': ['error', 350],
    'no-console': 'error',
    'no-restricted-imports': ['error', 'lodash', 'winston', 'axios', 'bluebird', 'p-queue'],
    'boundaries/element-types': ['error', { default: 'disallow', rules: layers.map((from, at) => ({ from, allow: layers.slice(0, at + 1) })) }],
  },
}]
`
