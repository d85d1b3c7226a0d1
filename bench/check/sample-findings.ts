import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { rules } from '../../packages/source/rules/src/index.ts'

// Findings to judge by hand: so many of each rule, chosen by a seed from all repositories that are named, with the code around them.
//   node bench/check/sample-findings.ts --seed 1 --each 10 [--rules default|off|id,id] <checkout> <checkout> …
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    each: { type: 'string', default: '10' },
    rules: { type: 'string', default: 'default' },
    /** The other findings of each repository are not printed, only counted. */
    counts: { type: 'boolean', default: false },
  },
})
const asked =
  values.rules === 'default'
    ? []
    : values.rules === 'off'
      ? rules.filter((rule) => rule.severity === 'off').map((rule) => rule.id)
      : values.rules.split(',')

interface Found {
  readonly rule: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly what: string
  readonly fix: readonly string[]
  readonly fingerprint: string
}

const all = positionals.flatMap((folder) => check(resolve(folder)))
for (const [rule, own] of [...Map.groupBy(all, (entry) => entry.found.rule)].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  process.stdout.write(`\n===== ${rule}: ${own.length} findings\n`)
  if (values.counts) continue
  for (const { root, found } of own.toSorted((a, b) => (a.order < b.order ? -1 : 1)).slice(0, Number(values.each)))
    process.stdout.write(`\n${describe(root, found)}\n`)
}

function check(root: string): { root: string; found: Found; order: string }[] {
  const cox = join(import.meta.dirname, '../../cox')
  const args = ['check', '-C', root, '--json', '--no-cache', ...asked.flatMap((rule) => ['--rule', rule])]
  const result = spawnSync(cox, args, { encoding: 'utf8', maxBuffer: 1e9 })
  if (result.status !== 0 && result.status !== 1) throw new Error(`${root}: ${result.status} ${result.stderr}`)
  // Printed by this program.
  const { findings } = JSON.parse(result.stdout) as { readonly findings: readonly Found[] }
  return findings.map((found) => {
    const print = `${values.seed}\0${basename(root)}\0${found.rule}\0${found.fingerprint}`
    return { root, found, order: createHash('sha256').update(print).digest('hex') }
  })
}

function describe(root: string, { file, line, column, what, fix }: Found): string {
  const path = join(root, file)
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() === true
  const lines = isFile ? readFileSync(path, 'utf8').split('\n') : []
  const around = lines
    .slice(Math.max(0, line - 4), line + 4)
    .map((text, at) => `    ${Math.max(0, line - 4) + at + 1} | ${text.slice(0, 160)}`)
  return [`${basename(root)} ${file}:${line}:${column}`, `  what: ${what}`, ...fix.map((way) => `  fix: ${way}`), ...around].join(
    '\n',
  )
}
