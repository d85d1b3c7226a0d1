import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { installMessagePeers, type Kind, type MessagePeer } from './message-peers.ts'
import { must } from './sample.ts'

// Writes docs/messages.md: the same five seeded violations, as each program prints them.
//   node bench/check/messages.ts [--out <folder>] [--page <file>]
const repository = resolve(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: '/tmp/coxswain-messages' },
    page: { type: 'string', default: join(repository, 'docs/messages.md') },
  },
})
const generator = process.env['COX_CORPUS'] ?? resolve(repository, '../shared/corpus/workspace-gen.mjs')
if (!existsSync(generator)) throw new Error(`no generator at ${generator}; name one with COX_CORPUS`)
const out = resolve(values.out)
const [root, tools] = [join(out, 'workspace'), join(out, 'tools')]
const limitSeconds = 180

interface Section {
  readonly kind: Kind
  readonly rule: string
  readonly title: string
  /** What the others can do all the same. */
  readonly note?: string
}

const sections: readonly Section[] = [
  { kind: 'max-lines', rule: 'max-lines', title: 'A file that is too long' },
  {
    kind: 'layer',
    rule: 'layer-direction',
    title: 'An import against the layers',
    note: 'Those that ban imports can ban them by name and folder; the text is then what its author wrote.',
  },
  {
    kind: 'file-cycle',
    rule: 'no-cycles',
    title: 'Two files that import each other',
    note: 'Plugins that bring such a rule to ESLint were not run.',
  },
  { kind: 'banned-lib', rule: 'canonical-library', title: 'A second library for one job' },
  {
    kind: 'json-parse',
    rule: 'parse-at-boundary',
    title: 'JSON that nobody parses',
    note: 'Where a pattern or plugin can be written for it, it says what its author wrote.',
  },
]

rmSync(root, { recursive: true, force: true })
must(process.execPath, [generator, '--out', root, '--seed', '1', '--bad'])
cpSync(join(repository, 'examples/corpus-harness'), root, { recursive: true })
const peers = installMessagePeers(tools, root)
const { V: seeds } = JSON.parse(readFileSync(join(root, 'violations.json'), 'utf8')) as {
  readonly V: readonly { readonly rule: string; readonly file: string }[]
}
// Seeds close circles of every size: one of two files is readable in every format.
const pairs = new Set(circles().flatMap(({ file, related = [] }) => (related.length === 1 ? [file] : [])))
const parts = sections.map((section) => describeSection(section))
writeFileSync(values.page, [opening(), ...parts, closing()].join('\n'))
process.stdout.write(`${values.page}\n`)

function opening(): string {
  return `# The same five violations, as others print them and as Coxswain does

Written by \`node bench/check/messages.ts\` on ${new Date().toISOString().slice(0, 10)}: it generates the workspace with seeded violations (\`--seed 1 --bad\`), installs the programs at the versions below, sets each up for these five as its documentation says, asks each about the same file, and writes this page. What a program prints about other files, and its closing lines, is left out; paths are those of the workspace.
`
}

function closing(): string {
  return `## What makes the difference

The way out needs facts about *this* repository: which package offers the capability and what it exports, which layer a file may import, which edge of a cycle carries least, which schema is in the file already, which functions are longest. Findings of one rule are grouped: the explanation comes once, then the places, and the report keeps to a token budget. The last line is always there, because agents took silence for a program that had not run.
`
}

function describeSection({ kind, rule, title, note }: Section): string {
  const file = seeds.find((seed) => seed.rule === kind && (kind !== 'file-cycle' || pairs.has(seed.file)))?.file ?? ''
  const asked = peers.filter((peer) => peer.kinds.includes(kind))
  const others = peers.filter((peer) => !peer.kinds.includes(kind)).map((peer) => /^[\w-]+/.exec(peer.name)?.[0] ?? peer.name)
  const ours = spawnSync(join(repository, 'cox'), ['check', '-C', root, file, '--rule', rule], { encoding: 'utf8' }).stdout
  return [
    `## ${title}\n`,
    ...asked.map((peer) => describePeer(peer, file, kind)),
    `${inWords(others)} ${others.length === 1 ? 'has' : 'have'} no such rule.${note === undefined ? '' : ` ${note}`}\n`,
    block('Coxswain', ours),
  ].join('\n')
}

function describePeer({ name, program, args }: MessagePeer, file: string, kind: Kind): string {
  const { stdout, stderr, error } = spawnSync(join(tools, 'node_modules/.bin', program), args(file, kind), {
    cwd: root,
    encoding: 'utf8',
    // Their first line asks for any Node: an older one they refuse, and say nothing about the file.
    env: { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
    maxBuffer: 1e9,
    timeout: limitSeconds * 1_000,
  })
  if (error !== undefined) return `${name} was stopped after ${limitSeconds} seconds.\n`
  const told = about(`${stdout}${stderr}`, basename(file))
  return told === '' ? `${name} printed nothing about this file.\n` : block(name, told)
}

/** The paragraphs that begin with the file; what follows one, indented, belongs to it. */
function about(text: string, name: string): string {
  let inside = false
  const kept = text
    .replace(/^\s*\n/, '')
    .split(/\n\s*\n/)
    .filter((paragraph) => {
      const isAbout = paragraph.split('\n').slice(0, 2).join('\n').includes(name)
      if (/^\S/.test(paragraph)) inside = isAbout
      return inside || isAbout
    })
  return kept.join('\n\n')
}

function block(name: string, text: string): string {
  const lines = text
    .replaceAll(`${root}/`, '')
    .split('\n')
    .map((line) => line.trimEnd())
  return `${name}:\n\n\`\`\`text\n${lines.join('\n').trimEnd()}\n\`\`\`\n`
}

function inWords(names: readonly string[]): string {
  const [last = '', ...before] = names.toReversed()
  return before.length === 0 ? last : `${before.toReversed().join(', ')} and ${last}`
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
