import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { must } from './sample.ts'

// Every seeded violation of every kind is found, and in a clean workspace nothing is; for any seed.
const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1,2,3,4,5,6' }, domains: { type: 'string', default: '4' } },
})
const repository = resolve(import.meta.dirname, '../..')
const generator = process.env['COX_CORPUS'] ?? resolve(repository, '../shared/corpus/workspace-gen.mjs')
if (!existsSync(generator)) throw new Error(`no generator at ${generator}; name one with COX_CORPUS`)

interface Seeded {
  readonly rule: string
  readonly file?: string
  readonly pkg: string
}
interface Found {
  readonly rule: string
  readonly file: string
  readonly related?: readonly string[]
}

/** Which of our rules finds a kind of seed. */
const ruleOf: Readonly<Record<string, string>> = {
  'max-lines': 'max-lines',
  layer: 'layer-direction',
  'cross-domain': 'domain-direction',
  'file-cycle': 'no-cycles',
  'deep-import': 'public-entry-only',
  'banned-lib': 'canonical-library',
  'json-parse': 'parse-at-boundary',
  'as-cast': 'parse-at-boundary',
  any: 'parse-at-boundary',
  console: 'structured-logging',
  'file-name': 'file-name',
  'missing-agents-md': 'docs-exist',
  'layout-script': 'package-layout',
  'layout-exports': 'package-layout',
  'doc-link': 'docs-exist',
  'doc-command': 'docs-exist',
  secret: 'no-secrets',
  'duplicate-helper': 'duplicate-helper',
  'unused-export': 'unused-export',
  'unused-file': 'unused-file',
  'unused-dep': 'unused-dependency',
  'one-language': 'one-language',
}

const folder = mkdtempSync(join(tmpdir(), 'cox-seeds-'))
try {
  for (const seed of values.seeds.split(',')) {
    const clean = check(generate(seed, []))
    const bad = generate(seed, ['--bad'])
    const seeded = readSeeds(bad)
    // It names every file that nothing else names.
    rmSync(join(bad, 'violations.json'))
    const findings = check(bad)
    const missed = seeded.filter((entry) => !findings.some((finding) => isOf(finding, entry)))
    process.stdout.write(`seed ${seed}: clean ${clean.length} findings; ${seeded.length} seeded, ${missed.length} missed\n`)
    for (const finding of clean.slice(0, 5)) process.stdout.write(`  in the clean one: ${finding.rule} ${finding.file}\n`)
    for (const entry of missed.slice(0, 20)) process.stdout.write(`  missed: ${entry.rule} ${entry.file ?? entry.pkg}\n`)
    if (clean.length + missed.length > 0) process.exitCode = 1
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function generate(seed: string, more: readonly string[]): string {
  const root = join(folder, `seed-${seed}${more.join('')}`)
  must(process.execPath, [generator, '--out', root, '--seed', seed, '--domains', values.domains, ...more])
  cpSync(join(repository, 'examples/corpus-harness'), root, { recursive: true })
  return root
}

function readSeeds(root: string): readonly Seeded[] {
  // Written by the generator next door.
  return (JSON.parse(readFileSync(join(root, 'violations.json'), 'utf8')) as { readonly V: readonly Seeded[] }).V
}

function check(root: string): readonly Found[] {
  const args = ['check', '-C', root, '--json', '--no-cache']
  const result = spawnSync(join(repository, 'cox'), args, { encoding: 'utf8', maxBuffer: 1e9 })
  return (JSON.parse(result.stdout) as { readonly findings: readonly Found[] }).findings
}

function isOf(finding: Found, { rule, file = '' }: Seeded): boolean {
  if (finding.rule !== ruleOf[rule]) return false
  // What a package lacks is told of its folder or its manifest.
  const folderOfFile = file.replace(/\/(?:package\.json|docs\/AGENTS\.md)$/, '')
  return finding.file === file || finding.file === folderOfFile || (finding.related?.includes(file) ?? false)
}
