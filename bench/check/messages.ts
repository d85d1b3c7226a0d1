import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { must } from './sample.ts'

// The same five seeded violations, as each program prints them: the material of docs/messages.md.
//   node bench/check/messages.ts [--out <folder>]
const { values } = parseArgs({ options: { out: { type: 'string', default: '/tmp/coxswain-messages' } } })
const repository = resolve(import.meta.dirname, '../..')
const generator = process.env['COX_CORPUS'] ?? resolve(repository, '../shared/corpus/workspace-gen.mjs')
if (!existsSync(generator)) throw new Error(`no generator at ${generator}; name one with COX_CORPUS`)
const out = resolve(values.out)
const [root, tools] = [join(out, 'workspace'), join(out, 'tools')]

const versions = {
  '@ast-grep/cli': '0.51.1',
  '@biomejs/biome': '2.6.8',
  '@typescript-eslint/parser': '8.73.0',
  'dependency-cruiser': '18.7.2',
  eslint: '10.15.0',
  'eslint-plugin-boundaries': '7.2.0',
  knip: '6.44.2',
  oxlint: '1.94.0',
  typescript: '5.9.3',
}
const kinds = {
  'max-lines': 'max-lines',
  layer: 'layer-direction',
  'file-cycle': 'no-cycles',
  'banned-lib': 'canonical-library',
  'json-parse': 'parse-at-boundary',
}

const patterns = `id: no-json-parse
language: typescript
severity: error
message: JSON.parse is not followed by a schema
note: Parse with a schema.
rule: { pattern: JSON.parse($A) }
---
id: banned
language: typescript
severity: error
message: Use the provider
rule: { kind: import_statement, has: { kind: string, regex: 'lodash|winston|axios|bluebird|p-queue' } }
`

rmSync(root, { recursive: true, force: true })
must(process.execPath, [generator, '--out', root, '--seed', '1', '--bad'])
cpSync(join(repository, 'examples/corpus-harness'), root, { recursive: true })
install()
writeConfigs()
const { V: seeds } = JSON.parse(readFileSync(join(root, 'violations.json'), 'utf8')) as {
  readonly V: readonly { readonly rule: string; readonly file: string }[]
}
// Seeds close circles of every size: one of two files is readable in every format.
const pairs = new Set(circles().flatMap(({ file, related = [] }) => (related.length === 1 ? [file] : [])))
for (const [kind, rule] of Object.entries(kinds)) {
  const file = seeds.find((seed) => seed.rule === kind && (kind !== 'file-cycle' || pairs.has(seed.file)))?.file ?? ''
  process.stdout.write(`\n##### ${kind}: ${file}\n`)
  const sources = join(dirname(file))
  show('oxlint', ['--config', join(tools, 'oxlint.json'), '--format', 'agent', file], file)
  show('eslint', ['--config', join(tools, 'eslint.config.js'), '--no-warn-ignored', file], file)
  show('biome', ['lint', `--config-path=${join(tools, 'biome')}`, '--colors=off', '--max-diagnostics=20', sources], file)
  show(
    'depcruise',
    [
      '--config',
      join(tools, 'depcruise.cjs'),
      '--output-type',
      'err-long',
      ...globSync(`packages/${file.split('/')[1]}/*/src`, { cwd: root }),
    ],
    file,
  )
  show('ast-grep', ['scan', '--config', join(tools, 'sgconfig.yml'), '--color', 'never', file], file)
  print('Coxswain', spawnSync(join(repository, 'cox'), ['check', '-C', root, file, '--rule', rule], { encoding: 'utf8' }).stdout)
}

interface Circle {
  readonly file: string
  readonly related?: readonly string[]
}

function circles(): readonly Circle[] {
  const { stdout } = spawnSync(join(repository, 'cox'), ['check', '-C', root, '--rule', 'no-cycles', '--json'], {
    encoding: 'utf8',
    maxBuffer: 1e9,
  })
  return (JSON.parse(stdout) as { readonly findings: readonly Circle[] }).findings
}

function install(): void {
  mkdirSync(tools, { recursive: true })
  writeFileSync(join(tools, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies: versions }))
  if (!existsSync(join(tools, 'node_modules/.bin/oxlint')))
    must('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], tools)
}

function show(program: string, args: readonly string[], file: string): void {
  const { stdout, stderr } = spawnSync(join(tools, 'node_modules/.bin', program), args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e8,
    timeout: 60_000,
  })
  const name = file.slice(file.lastIndexOf('/') + 1)
  // What is about other files is left out.
  const blocks = `${stdout}${stderr}`.split(/\n\s*\n/).filter((block) => block.includes(name))
  print(program, blocks.length === 0 ? '(nothing)' : blocks.slice(0, 6).join('\n\n'))
}

function print(program: string, text: string): void {
  process.stdout.write(`\n--- ${program}\n${text.trimEnd()}\n`)
}

function writeConfigs(): void {
  const banned = ['lodash', 'winston', 'axios', 'bluebird', 'p-queue']
  write('oxlint.json', {
    plugins: ['import'],
    categories: { correctness: 'off' },
    rules: { 'max-lines': ['error', 350], 'no-restricted-imports': ['error', ...banned], 'import/no-cycle': 'error' },
  })
  writeFileSync(join(tools, 'eslint.config.js'), eslintConfig(banned))
  write('biome/biome.json', {
    files: { includes: ['**/src/**/*.ts', '**/src/**/*.tsx'] },
    formatter: { enabled: false },
    linter: {
      rules: {
        recommended: false,
        suspicious: { noImportCycles: 'error' },
        style: {
          noRestrictedImports: {
            level: 'error',
            options: { paths: Object.fromEntries(banned.map((name) => [name, 'Use the provider.'])) },
          },
        },
      },
    },
  })
  const forbidden = [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'banned',
      severity: 'error',
      comment: 'Use the provider.',
      from: {},
      to: { path: 'lodash|winston|axios|bluebird|p-queue' },
    },
    {
      name: 'layers',
      severity: 'error',
      comment: 'A repo may not import a service.',
      from: { path: '-repo/' },
      to: { path: '-(?:service|runtime|ui)/' },
    },
  ]
  const options = { doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true }
  writeFileSync(join(tools, 'depcruise.cjs'), `module.exports = ${JSON.stringify({ forbidden, options })}`)
  writeFileSync(join(tools, 'sgconfig.yml'), 'ruleDirs: [sg]\n')
  mkdirSync(join(tools, 'sg'), { recursive: true })
  writeFileSync(join(tools, 'sg/rules.yml'), patterns)
}

function write(path: string, value: unknown): void {
  mkdirSync(dirname(join(tools, path)), { recursive: true })
  writeFileSync(join(tools, path), JSON.stringify(value))
}

function eslintConfig(banned: readonly string[]): string {
  return `import parser from '@typescript-eslint/parser'
import boundaries from 'eslint-plugin-boundaries'
const layers = ['types', 'config', 'repo', 'service', 'runtime', 'ui']
export default [{
  files: ['**/*.ts', '**/*.tsx'],
  languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
  plugins: { boundaries },
  settings: {
    'boundaries/elements': layers.map((type) => ({ type, pattern: 'packages/*/*-' + type, capture: ['domain', 'feature'] })),
    'import/resolver': { node: { extensions: ['.ts', '.tsx'] } },
  },
  rules: {
    'max-lines': ['error', 350],
    'no-restricted-imports': ['error', ${banned.map((name) => `'${name}'`).join(', ')}],
    'boundaries/dependencies': ['error', { default: 'disallow', policies: layers.map((from, at) => ({ from: { element: { type: from } }, allow: layers.slice(0, at + 1).map((type) => ({ to: { element: { type } } })) })) }],
  },
}]
`
}
