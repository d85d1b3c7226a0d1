import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compile } from './compile.ts'
import { rememberSettled, settledText, type Question } from './settled.ts'

let root = ''
let home = ''
const cache = process.env['XDG_CACHE_HOME']
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'cox-settled-'))
  home = mkdtempSync(join(tmpdir(), 'cox-settled-cache-'))
  process.env['XDG_CACHE_HOME'] = home
  await write('harness/compile.yaml', 'targets: [claude, hooks]\n')
  await write(
    'harness/constraints/one.md',
    "---\nid: one\nclass: c\nseverity: advice\nscope: ['src/**']\nrungs:\n  - path: Do it\n  - hook: { on: before-stop, command: [npm, test] }\nowner: team\n---\n\n# One\n\n## Why\n\nw\n\n## Fix\n\nf\n",
  )
  await write('src/a.ts', '')
  const { outputs } = await compile({ root })
  age()
  const texts = { write: 'nothing to change', check: 'current' }
  await rememberSettled(question, { texts, paths: outputs.map((output) => output.path) })
})
afterEach(() => {
  for (const folder of [root, home]) rmSync(folder, { recursive: true, force: true })
  if (cache === undefined) delete process.env['XDG_CACHE_HOME']
  else process.env['XDG_CACHE_HOME'] = cache
})

const question: Question = {
  get root() {
    return root
  },
  mode: 'write',
  agents: [],
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), text)
}

/** As if everything had been written a minute ago. */
function age(): void {
  const then = Date.now() / 1_000 - 60
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), then, then)
}

test('while nothing changes, the answer stands', async () => {
  expect(await settledText(question)).toBe('nothing to change')
  expect(await settledText({ ...question, root, mode: 'check' })).toBe('current')
  expect(await settledText({ ...question, root, agents: ['codex'] })).toBeNull()
})

test.for([
  ['a constraint', 'harness/constraints/one.md'],
  ['a new constraint', 'harness/constraints/two.md'],
  ['the configuration', 'harness/compile.yaml'],
  ['instructions by hand', 'src/CLAUDE.md'],
  ['a generated file', '.claude/settings.json'],
  ['a file that scopes may match', 'src/b.ts'],
  ['the scripts that skills may run', 'package.json'],
])('%s that changes is looked at', async ([, path = '']) => {
  expect(await settledText(question)).not.toBeNull()
  await write(path, 'x')
  expect(await settledText(question)).toBeNull()
})

test('what was written a moment ago is not remembered', async () => {
  const file = join(root, 'harness/compile.yaml')
  writeFileSync(file, 'targets: [agents]\n')
  // However long it takes to get there.
  const soon = Date.now() / 1_000 + 60
  utimesSync(file, soon, soon)
  await rememberSettled(question, { texts: { write: 'young', check: 'young' }, paths: [] })
  expect(await settledText(question)).toBeNull()
})
