import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { AgentEvent, AgentSession, TurnResult } from '@coxswain/agents'
import { readEnvironment, scrubEnvironment, systemClock } from '@coxswain/host'
import { seconds, silentLogger } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createRewriterBackend } from './rewriter-backend.ts'

let root: string
let worktree: string
let events: AgentEvent[]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox rewriter '))
  worktree = join(root, 'worktree')
  mkdirSync(worktree)
  mkdirSync(join(root, 'state'))
  execFileSync('git', ['init', '--quiet', worktree])
  events = []
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(worktree, path)), { recursive: true })
    writeFileSync(join(worktree, path), text)
  }
}

function read(path: string): string {
  return readFileSync(join(worktree, path), 'utf8')
}

function openSession(): Promise<AgentSession> {
  return createRewriterBackend().openSession({
    key: 'k',
    stateDir: join(root, 'state'),
    worktree,
    model: null,
    instructions: null,
    resumeToken: null,
    environment: scrubEnvironment(readEnvironment()),
    network: 'none',
    clock: systemClock,
    logger: silentLogger,
    onEvent: (event) => void events.push(event),
    approve: async () => 'decline',
    signal: new AbortController().signal,
  })
}

async function rewrite(prompt: string, key = 't1'): Promise<TurnResult> {
  const session = await openSession()
  return session.turn({ key, prompt, idleLimit: seconds(60), signal: new AbortController().signal })
}

function rule(yaml: string): string {
  return `Please migrate.\n\n\`\`\`yaml\n${yaml.trim()}\n\`\`\`\n`
}

function edits(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value)}\n\`\`\``
}

function warnings(): string[] {
  return events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
}

const completed = { status: 'completed', failure: null, costUsd: 0 }

test('a rule without a language migrates TypeScript, TSX and JavaScript alike, and reports the files', async () => {
  write({
    'a.ts': 'const a: number = old(1, 2)\n',
    'b.tsx': 'export const B = () => <div>{old(3)}</div>\n',
    'c.jsx': 'export const C = () => <p>{old()}</p>\n',
    'd.css': 'old(4) {}\n',
    '.config/e.mjs': 'old("ü", "\u{1F6A3}") // old(x)\r\nold(7)\r\n',
  })
  expect(await rewrite(rule('id: old-to-new\nrule: { pattern: "old($$$ARGS)" }\nfix: "fresh($$$ARGS)"'))).toMatchObject({
    ...completed,
    message: 'Changed 5 places in 4 files.',
  })
  expect(read('a.ts')).toBe('const a: number = fresh(1, 2)\n')
  expect(read('b.tsx')).toBe('export const B = () => <div>{fresh(3)}</div>\n')
  expect(read('c.jsx')).toBe('export const C = () => <p>{fresh()}</p>\n')
  expect(read('d.css')).toBe('old(4) {}\n')
  expect(read('.config/e.mjs')).toBe('fresh("ü", "\u{1F6A3}") // old(x)\r\nfresh(7)\r\n')
  expect(events.map((event) => event.type)).toEqual(['tool-start', 'tool-end', 'files-changed', 'message'])
  expect(events.find((event) => event.type === 'files-changed')).toEqual({
    type: 'files-changed',
    paths: ['.config/e.mjs', 'a.ts', 'b.tsx', 'c.jsx'],
  })
})

test('constraints, transform, several documents and an expanded fix work as in ast-grep', async () => {
  write({ 'a.ts': 'import { kebabCase, other } from "x"\nlog(helloWorld)\nlog(1)\nconst o = { dead: 1, live: 2 }\n' })
  const yaml = `
id: snake
language: TypeScript
rule: { pattern: log($NAME) }
constraints: { NAME: { kind: identifier } }
transform:
  SNAKE: { convert: { source: $NAME, toCase: snakeCase } }
fix: log($SNAKE)
---
id: drop-dead
language: TypeScript
rule: { kind: pair, has: { field: key, regex: ^dead$ } }
fix: { template: '', expandEnd: { regex: ',' } }`
  expect(await rewrite(rule(yaml))).toMatchObject({ ...completed, message: 'Changed 2 places in 1 file.' })
  expect(read('a.ts')).toBe('import { kebabCase, other } from "x"\nlog(hello_world)\nlog(1)\nconst o = {  live: 2 }\n')
})

test('other languages, and a list of languages', async () => {
  write({ 'a.json': '{ "version": "1" }\n', 'b.css': 'a { color: red }\n', 'c.html': '<b>x</b>\n', 'd.py': 'print(x)\n' })
  const yaml = `
- { id: bump, language: json, rule: { pattern: '"1"' }, fix: '"2"' }
- { id: blue, language: css, rule: { kind: plain_value, regex: ^red$ }, fix: blue }
- { id: bold, language: html, rule: { kind: tag_name, regex: ^b$ }, fix: strong }
- { id: py, language: [python], rule: { pattern: print($A) }, fix: log($A) }`
  expect(await rewrite(rule(yaml))).toMatchObject({ ...completed, message: 'Changed 5 places in 4 files.' })
  expect([read('a.json'), read('b.css'), read('c.html'), read('d.py')]).toEqual([
    '{ "version": "2" }\n',
    'a { color: blue }\n',
    '<strong>x</strong>\n',
    'log(x)\n',
  ])
})

test('matches inside of matches are rewritten too, and a second run finds nothing', async () => {
  write({ 'a.ts': 'old(old(old(1)), old(2))\n' })
  const prompt = rule('id: nest\nrule: { pattern: "old($$$A)" }\nfix: "fresh($$$A)"')
  expect(await rewrite(prompt)).toMatchObject({ ...completed, message: 'Changed 4 places in 1 file.' })
  expect(read('a.ts')).toBe('fresh(fresh(fresh(1)), fresh(2))\n')
  expect(await rewrite(prompt, 't2')).toMatchObject({ ...completed, message: 'Nothing to change.' })
  expect(warnings()).toEqual([])
})

test('a rule that matches its own result is applied once, and said to be unstable', async () => {
  write({ 'a.ts': 'call(1)\n' })
  const prompt = rule('id: wrap\nlanguage: TypeScript\nrule: { pattern: "call($A)" }\nfix: "call(call($A))"')
  await rewrite(prompt)
  expect(read('a.ts')).toBe('call(call(1))\n')
  expect(warnings()).toEqual(['The rule wrap still matches what it has written: run again, it would change it again'])
  await rewrite(prompt)
  expect(read('a.ts')).toBe('call(call(1))\n')
})

test('files and ignores are globs from the root', async () => {
  write({ 'src/a.ts': 'old()', 'src/deep/b.ts': 'old()', 'src/deep/b.test.ts': 'old()', 'lib/c.ts': 'old()' })
  await rewrite(rule('id: globs\nfiles: ["src/**"]\nignores: ["**/*.test.ts"]\nrule: { pattern: old() }\nfix: fresh()'))
  expect(['src/a.ts', 'src/deep/b.ts', 'src/deep/b.test.ts', 'lib/c.ts'].map(read)).toEqual([
    'fresh()',
    'fresh()',
    'old()',
    'old()',
  ])
})

test('ignored files, links, the git folder and what lies behind links are left alone', async () => {
  writeFileSync(join(root, 'outside.ts'), 'old()')
  mkdirSync(join(root, 'elsewhere'))
  writeFileSync(join(root, 'elsewhere/x.ts'), 'old()')
  write({ '.gitignore': 'dist\n', 'dist/a.ts': 'old()', '.git/b.ts': 'old()', 'real.ts': 'old()' })
  symlinkSync('../outside.ts', join(worktree, 'link.ts'))
  symlinkSync('../elsewhere', join(worktree, 'linked'))
  await rewrite(rule('id: all\nlanguage: TypeScript\nrule: { pattern: old() }\nfix: fresh()'))
  expect([read('dist/a.ts'), read('.git/b.ts'), read('link.ts'), read('linked/x.ts'), read('real.ts')]).toEqual([
    'old()',
    'old()',
    'old()',
    'old()',
    'fresh()',
  ])
})

test('a file that does not parse is left alone and reported', async () => {
  write({ 'bad.ts': 'old(1);;; {{{\n', 'good.ts': 'old(2)\n' })
  expect(await rewrite(rule('id: p\nlanguage: TypeScript\nrule: { pattern: "old($A)" }\nfix: "fresh($A)"'))).toMatchObject({
    message: 'Changed 1 place in 1 file. 1 file left alone.',
  })
  expect([read('bad.ts'), read('good.ts')]).toEqual(['old(1);;; {{{\n', 'fresh(2)\n'])
  expect(warnings()).toEqual(['bad.ts was left alone: it does not parse'])
})

test('no match completes without a change', async () => {
  write({ 'a.ts': 'x()\n' })
  expect(await rewrite(rule('id: n\nrule: { pattern: old() }\nfix: fresh()'))).toEqual({
    ...completed,
    usage: { input: 0, cachedInput: 0, cacheWrite: 0, output: 0, reasoning: 0 },
    model: null,
    message: 'Nothing to change.',
  })
  expect(events.map((event) => event.type)).toEqual(['tool-start', 'tool-end', 'message'])
})

test("the repository's own ast-grep configuration has no say", async () => {
  write({ 'sgconfig.yml': 'this is: [not a configuration', 'a.ts': 'old()' })
  expect(await rewrite(rule('id: c\nrule: { pattern: old() }\nfix: fresh()'))).toMatchObject(completed)
  expect(read('a.ts')).toBe('fresh()')
})

test('edits of findings: several in a file, creations and moves', async () => {
  write({ 'a.txt': 'ü one two three\n', 'old/name.ts': 'x\n' })
  chmodSync(join(worktree, 'a.txt'), 0o755)
  const result = await rewrite(
    edits({
      edits: [
        { file: 'a.txt', start: 10, end: 15, was: 'three', text: '3' },
        { file: 'a.txt', start: 2, end: 5, was: 'one', text: '1' },
        { file: 'a.txt', start: 6, end: 9, was: 'gone', text: '?' },
      ],
      creations: [{ file: 'new/dir/file.ts', text: 'y\n' }],
      moves: [{ from: 'old/name.ts', to: 'fresh/name.ts' }],
    }),
  )
  expect(result).toMatchObject({ ...completed, message: 'Changed 3 places in 4 files. 1 file left alone.' })
  expect([read('a.txt'), read('new/dir/file.ts'), read('fresh/name.ts')]).toEqual(['ü 1 two 3\n', 'y\n', 'x\n'])
  expect([existsSync(join(worktree, 'old/name.ts')), statSync(join(worktree, 'a.txt')).mode & 0o777]).toEqual([false, 0o755])
  expect(warnings()).toEqual(['a.txt was left alone: 1 of 3 edits no longer fit the text, or overlap'])
})

test('edits cannot leave the worktree, by path, link or git folder', async () => {
  writeFileSync(join(root, 'secret'), 'x')
  symlinkSync('../secret', join(worktree, 'link'))
  const files = ['../secret', join(root, 'secret'), 'link', '.git/config', 'sub/../.git/hooks/pre-commit']
  const before = read('.git/config')
  await rewrite(
    edits({
      edits: files.map((file) => ({ file, start: 0, end: 0, text: 'evil' })),
      creations: [
        { file: '.git/hooks/pre-commit', text: 'evil' },
        { file: '../evil', text: 'evil' },
      ],
    }),
  )
  expect([readFileSync(join(root, 'secret'), 'utf8'), read('.git/config')]).toEqual(['x', before])
  expect([existsSync(join(root, 'evil')), existsSync(join(worktree, '.git/hooks/pre-commit'))]).toEqual([false, false])
  expect(warnings()).toHaveLength(7)
})

test.each([
  ['a task without orders', 'Just do it.', /carries nothing that the rewriter could do/],
  [
    'a rule without a fix',
    rule('id: a\nrule: { pattern: x }'),
    /The rule a in the block at line 3 of the task cannot be used: it has no fix/,
  ],
  ['a rule that is no YAML', rule('id: a\nrule: { pattern: x\nfix: y'), /A rule in the block at line 3 .*cannot be used/],
  [
    'a rule that ast-grep refuses',
    rule('id: a\nlanguage: Klingon\nrule: { pattern: x }\nfix: y'),
    /ast-grep does not take the rules/,
  ],
  [
    'two rules of one id',
    rule('- { id: a, rule: { pattern: x }, fix: y }\n- { id: a, rule: { pattern: z }, fix: y }'),
    /same id/,
  ],
  ['unknown keys in edits', edits({ edits: [{ file: 'a', start: 0, end: 0, replacement: 'x' }] }), /replacement/],
  ['edits that are no JSON', '```json\n{ "edits": [ }\n```', /A list of edits in the block at line 1/],
])('%s is an invalid request that says what is wrong', async (_, prompt, message) => {
  expect(await rewrite(prompt)).toMatchObject({
    status: 'failed',
    failure: { kind: 'invalid-request', message: expect.stringMatching(message) },
  })
})

test('other blocks of a task are not orders', async () => {
  write({ 'a.ts': 'old()' })
  const other = '```yaml\nname: ci\n```\n```json\n{ "a": 1 }\n```\n```ts\nold()\n```\n'
  expect(await rewrite(other + rule('id: o\nrule: { pattern: old() }\nfix: fresh()'))).toMatchObject(completed)
  expect(read('a.ts')).toBe('fresh()')
})

test('an interrupt ends the search, nothing is written afterwards, and the turn can be taken up again', async () => {
  for (let index = 0; index < 200; index += 1) write({ [`src/f${index}.ts`]: 'old()\n'.repeat(100) })
  const prompt = rule('id: big\nlanguage: TypeScript\nrule: { pattern: old() }\nfix: fresh()')
  const session = await openSession()
  const request = { key: 'big', prompt, idleLimit: seconds(60), signal: new AbortController().signal }
  const turn = session.turn(request)
  while (!existsSync(join(root, 'state/rewriter'))) await new Promise((resolve) => setTimeout(resolve, 1))
  await session.interrupt()
  expect(await turn).toMatchObject({ status: 'interrupted', failure: null })
  expect(await session.turn(request)).toMatchObject({ ...completed, message: 'Changed 20000 places in 200 files.' })
  expect(read('src/f199.ts')).toBe('fresh()\n'.repeat(100))
})

test('a turn that was cut off in the middle of writing does the rest, and nothing twice', async () => {
  write({ 'a.ts': 'call(1)\n', 'b.ts': 'call(2)\n' })
  const prompt = rule('id: wrap\nlanguage: TypeScript\nrule: { pattern: "call($A)" }\nfix: "call(call($A))"')
  await rewrite(prompt)
  const folder = execFileSync('find', [join(root, 'state/rewriter'), '-name', 'result.json'], { encoding: 'utf8' }).trim()
  rmSync(folder)
  write({ 'b.ts': 'call(2)\n' })
  expect(await rewrite(prompt)).toMatchObject({ ...completed, message: 'Changed 2 places in 2 files.' })
  expect([read('a.ts'), read('b.ts')]).toEqual(['call(call(1))\n', 'call(call(2))\n'])
})

test('a turn that has ended is told again, not done again', async () => {
  write({ 'a.ts': 'old()\n' })
  const prompt = rule('id: r\nrule: { pattern: old() }\nfix: fresh()')
  const first = await rewrite(prompt)
  write({ 'a.ts': 'old()\n' })
  expect(await rewrite(prompt)).toEqual(first)
  expect(read('a.ts')).toBe('old()\n')
})
