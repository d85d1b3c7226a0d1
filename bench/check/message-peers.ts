import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { banned, biomeConfig, cruiserOptions, cruiserRules, eslintConfig, maxLines, peerVersions } from './peer-config.ts'
import { must } from './sample.ts'

export type Kind = 'max-lines' | 'layer' | 'file-cycle' | 'banned-lib' | 'json-parse'

export interface MessagePeer {
  readonly name: string
  readonly program: string
  /** What it has rules for; of the rest it says nothing because nobody asked it to. */
  readonly kinds: readonly Kind[]
  readonly args: (file: string, kind: Kind) => readonly string[]
}

const versions = { ...peerVersions, '@ast-grep/cli': '0.51.1', oxlint: '1.94.0' }

/** The programs, set up for these five in a folder of their own; Biome's configuration stands in the workspace, where it looks. */
export function installMessagePeers(tools: string, workspace: string): readonly MessagePeer[] {
  write(join(tools, 'package.json'), { private: true, type: 'module', dependencies: versions })
  if (!existsSync(join(tools, 'node_modules/.bin/oxlint')))
    must('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], tools)
  configure(tools, workspace)
  return [
    {
      name: `oxlint ${versions.oxlint}, \`--format agent\``,
      program: 'oxlint',
      kinds: ['max-lines', 'file-cycle', 'banned-lib'],
      args: (file) => ['--config', join(tools, 'oxlint.json'), '--format', 'agent', file],
    },
    {
      name: `ESLint ${versions.eslint} with eslint-plugin-boundaries ${versions['eslint-plugin-boundaries']}`,
      program: 'eslint',
      kinds: ['max-lines', 'layer', 'banned-lib'],
      args: (file) => ['--config', join(tools, 'eslint.config.js'), '--no-warn-ignored', file],
    },
    {
      name: `Biome ${versions['@biomejs/biome']}`,
      program: 'biome',
      kinds: ['max-lines', 'file-cycle', 'banned-lib'],
      args: (file) => ['lint', '--colors=off', file],
    },
    {
      name: `dependency-cruiser ${versions['dependency-cruiser']}, \`err-long\``,
      program: 'depcruise',
      kinds: ['layer', 'file-cycle', 'banned-lib'],
      args: (file, kind) => ['--config', join(tools, `depcruise-${kind}.cjs`), '--output-type', 'err-long', file],
    },
    {
      name: `ast-grep ${versions['@ast-grep/cli']}`,
      program: 'ast-grep',
      kinds: ['banned-lib', 'json-parse'],
      args: (file) => ['scan', '--config', join(tools, 'sgconfig.yml'), '--color', 'never', file],
    },
    {
      name: `knip ${versions.knip}`,
      program: 'knip',
      kinds: ['file-cycle'],
      args: (file) => ['--include', 'cycles', '--reporter', 'cycles', '--no-progress', '--workspace', dirname(dirname(file))],
    },
  ]
}

function configure(tools: string, workspace: string): void {
  write(join(tools, 'oxlint.json'), {
    plugins: ['import'],
    categories: { correctness: 'off' },
    rules: { 'max-lines': ['error', maxLines], 'no-restricted-imports': ['error', ...banned], 'import/no-cycle': 'error' },
  })
  writeFileSync(join(tools, 'eslint.config.js'), eslintConfig(tools))
  write(join(workspace, 'biome.json'), biomeConfig)
  // One configuration each, because the circles of everything it reaches would fill pages.
  for (const [kind, forbidden] of Object.entries(cruiserRules()))
    writeFileSync(
      join(tools, `depcruise-${kind}.cjs`),
      `module.exports = ${JSON.stringify({ forbidden, options: cruiserOptions })}`,
    )
  writeFileSync(join(tools, 'sgconfig.yml'), 'ruleDirs: [sg]\n')
  mkdirSync(join(tools, 'sg'), { recursive: true })
  writeFileSync(join(tools, 'sg/rules.yml'), patterns)
}

function write(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, JSON.stringify(value))
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
rule: { kind: import_statement, has: { kind: string, regex: '${banned.join('|')}' } }
`
