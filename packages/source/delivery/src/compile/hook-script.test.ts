import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hookScript, hookScriptFile } from './hook-script.ts'

let base = ''
let root = ''
beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'cox-hook-')))
  root = join(base, 'my ré po')
  write(hookScriptFile, hookScript)
  write('src/a.ts', 'a\n')
  write('docs/a.md', 'a\n')
  symlinkSync(root, join(base, 'link'))
  execFileSync('git', ['init', '--quiet', root])
})
afterAll(() => rmSync(base, { recursive: true, force: true }))

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

interface Moment {
  readonly on?: string
  readonly scope?: string
  readonly except?: string
  readonly cwd?: string
}

const inSource = '^(src/(.*/)?[^/]*[.]ts)$'

/** What the agent program would be told: the exit code and the words. */
function told(input: unknown, { on = 'after-edit', scope = inSource, except = '', cwd = '.' }: Moment = {}): string {
  const words = [join(root, hookScriptFile), on, scope, except, 'sh', '-c', 'pwd; exit 1']
  const run = spawnSync('sh', words, { cwd: join(root, cwd), input: JSON.stringify(input), encoding: 'utf8' })
  return `${run.status} ${run.stdout}${run.stderr}`.trim()
}

const fires = (): string => `2 ${root}`
const named = (path: string): unknown => ({ tool_input: { file_path: path, content: '"file_path":"/x"\n\n*** Add File: x' } })
const patch = (...lines: string[]): unknown => ({
  tool_input: { command: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n') },
})

test('a file in scope runs the program in the root, and what fails is told', () => {
  expect(told(named(join(root, 'src/a.ts')))).toBe(fires())
  expect(told(named(join(root, 'src/new folder/né "w".ts')))).toBe(fires())
  expect(told(named(join(base, 'link/src/a.ts')))).toBe(fires())
  expect(told({ tool_input: { notebook_path: join(root, 'src/n.ts') } })).toBe(fires())
})

test('a file outside of the scope, of the tree or excepted runs nothing', () => {
  expect(told(named(join(root, 'docs/a.md')))).toBe('0')
  expect(told(named(join(root, 'packages/src/a.ts')))).toBe('0')
  expect(told(named(join(base, 'src/a.ts')))).toBe('0')
  expect(told(named(join(root, 'src/../docs/a.ts')))).toBe('0')
  expect(told(named(join(root, 'src/a.test.ts')), { except: '[.]test[.]ts$' })).toBe('0')
})

test('a patch names its files from the folder of the session', () => {
  expect(told(patch('*** Update File: docs/a.md', '@@', '+x', '*** Add File: src/b.ts', '+y'))).toBe(fires())
  expect(told(patch('*** Update File: docs/a.md', '*** Move to: src/a.ts', '@@', '+x'))).toBe(fires())
  expect(told(patch('*** Update File: a.ts', '@@', '-a', '+b'), { cwd: 'src' })).toBe(fires())
  expect(told(patch('*** Update File: a.ts', '@@', '-a', '+b'))).toBe('0')
  expect(told(patch('*** Add File: docs/b.md', '+*** Update File: src/a.ts'))).toBe('0')
})

test('a moment that names no file, or a scope of everything, runs', () => {
  expect(told({ tool_input: { path: 'x' } })).toBe(fires())
  expect(told(named('/elsewhere/x'), { scope: '' })).toBe(fires())
})

test('a commit is looked at by what it would take along', () => {
  const commit = (command: string): unknown => ({ tool_input: { command } })
  const before = { on: 'before-commit' }
  expect(told(commit('echo "hi" && git commit -m x'), before)).toBe(fires())
  expect(told(commit('git -C . commit'), before)).toBe(fires())
  expect(told(commit('git status'), before)).toBe('0')
  expect(told(commit('git log --grep commit'), before)).toBe('0')
  expect(told(commit('git commit -m x'), { ...before, scope: '^(other/.*)$' })).toBe('0')
  execFileSync('git', ['-C', root, 'add', '--all'])
  expect(told(commit('git commit -m x'), before)).toBe(fires())
})

test('a stop is held up once', () => {
  expect(told({ stop_hook_active: false }, { on: 'before-stop' })).toBe(fires())
  expect(told({ stop_hook_active: true }, { on: 'before-stop' })).toBe('0')
})
