import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changedProof, type ProofCommand, type ProofTree } from './proof.ts'

interface Sample {
  readonly gate: readonly string[]
  readonly base: Readonly<Record<string, string>>
  readonly links?: Readonly<Record<string, string>>
  /** What the change writes; null removes. */
  readonly change: Readonly<Record<string, string | null>>
}

const isPackage = (path: string): boolean => /(^|\/)package\.json$/i.test(path)

function found({ gate, base, links = {}, change }: Sample): string[] {
  const commands: ProofCommand[] = [{ name: 'the gate g', command: gate }]
  const tree: ProofTree = {
    root: '/home/ann/repo',
    files: new Set(Object.keys(base)),
    links: new Map(Object.entries(links)),
    packages: new Map(Object.entries(base).filter(([path]) => isPackage(path))),
  }
  const packages = new Map(
    Object.entries(change).flatMap(([path, text]) => (isPackage(path) && text !== null ? [[path, text] as const] : [])),
  )
  return changedProof(commands, tree, { paths: Object.keys(change), packages }).map(({ reason }) => reason)
}

const scripts = (own: Readonly<Record<string, unknown>>, rest = {}): string => JSON.stringify({ scripts: own, ...rest })
const named = (path: string): string[] => [`${path} is what the gate g runs`]

test.each<[string, readonly string[], string]>([
  ['a program', ['tools/gate.sh'], 'tools/gate.sh'],
  ['a program from here', ['./tools/gate.sh'], 'tools/gate.sh'],
  ['a detour', ['sh', 'src/../tools//./gate.sh'], 'tools/gate.sh'],
  ['an argument', ['sh', 'proof.sh'], 'proof.sh'],
  ['a test file', ['node', '--test', 'test/a.test.js'], 'test/a.test.js'],
  ['the value of an option', ['vitest', '--config=tools/vitest.ts'], 'tools/vitest.ts'],
  ['a name with a space', ['sh', 'my tools/the gate.sh'], 'my tools/the gate.sh'],
  ['a quoted name in a shell line', ['sh', '-c', 'sh "my tools/the gate.sh" | tee x'], 'my tools/the gate.sh'],
  ['a shell line', ['bash', '-c', 'set -e; cd tools && ./gate.sh'], 'tools/gate.sh'],
  ['another folder', ['make', '-C', 'tools', '-f', 'gate.mk'], 'tools/gate.mk'],
  ['a full path into the checkout', ['/home/ann/repo/tools/gate.sh'], 'tools/gate.sh'],
  ['an odd name', ['sh', '[x]*{y}'], '[x]*{y}'],
])('a gate names %s', (_, gate, path) => {
  const base = { [path]: 'exit 1', 'src/a.ts': 'a' }
  expect(found({ gate, base, change: { [path]: 'exit 0', 'src/a.ts': 'broken' } })).toEqual(named(path))
  expect(found({ gate, base, change: { [path]: null } })).toEqual(named(path))
})

test('only tracked files of this repository count, never a folder, a pattern or what is new', () => {
  const base = { 'src/a.ts': 'a', 'x.sh': 'x', 'etc/passwd': 'x' }
  const change = { 'src/a.ts': 'b', 'src/new.sh': 'b', 'x.sh': 'b', 'etc/passwd': 'b' }
  for (const gate of [
    ['vitest', 'run', 'src', 'src/'],
    ['sh', 'src/*.ts', 'src/new.sh'],
    ['sh', '../x.sh', '/x.sh', '/etc/passwd', '/home/ann/repository/x.sh', '..', '.', '/'],
    ['', ' ', '-'],
  ])
    expect(found({ gate, base, change })).toEqual([])
})

test('a link counts as well as what it leads to; one to a folder does not, and a circle ends', () => {
  const base = { 'scripts/real.sh': 'x', 'src/a.ts': 'a' }
  const links = { 'gate.sh': 'tools/real.sh', tools: 'scripts', sources: 'src', a: 'b', b: 'a', out: '/opt/gate.sh', up: '../x' }
  const change = { ...base, 'gate.sh': '', tools: null, sources: '', a: '', out: '', up: '' }
  expect(found({ gate: ['./gate.sh'], base, links, change })).toEqual([
    ...named('scripts/real.sh'),
    ...named('gate.sh'),
    ...named('tools'),
  ])
  expect(found({ gate: ['vitest', 'sources'], base, links, change })).toEqual([])
  expect(found({ gate: ['sh', 'out', 'up'], base, links, change })).toEqual([...named('out'), ...named('up')])
  expect(found({ gate: ['sh', 'a'], base, links, change })).toEqual(named('a'))
})

test('a name that differs in case alone is the same file on some file systems', () => {
  const base = { 'tools/gate.sh': 'x', 'package.json': scripts({ test: 'x' }) }
  expect(found({ gate: ['tools/gate.sh'], base, change: { 'Tools/Gate.sh': 'y' } })).toEqual(named('Tools/Gate.sh'))
  expect(found({ gate: ['npm', 'test'], base, change: { 'Package.json': scripts({ test: 'true' }) } })).toHaveLength(1)
})

const testScript = 'package.json: the script test, which the gate g runs'

test('a script that a gate runs may not change, be removed or get company; all else in package.json may', () => {
  const gate = ['npm', 'test']
  const base = { 'package.json': scripts({ test: 'node --test', build: 'tsc' }) }
  const after = (text: string | null): string[] => found({ gate, base, change: { 'package.json': text } })
  expect(after(scripts({ test: 'true', build: 'tsc' }))).toEqual([testScript])
  expect(after(scripts({ build: 'tsc' }))).toEqual([testScript])
  expect(after(null)).toEqual([testScript])
  expect(after(scripts({ test: 'node --test', pretest: 'rm -r test' }))).toEqual([
    'package.json: the script pretest, which the gate g runs',
  ])
  expect(after(scripts({ test: 'node --test', lint: 'x' }, { dependencies: { a: '1' } }))).toEqual([])
  expect(after(`\uFEFF${scripts({ test: 'node --test' })}`)).toEqual([])
  for (const hostile of ['{', '', '[]', 'null', scripts({ test: 1 }), '{"scripts":[]}', '{"scripts":{"test":{"test":1}}}'])
    expect(after(hostile)).toEqual(['package.json: its scripts, which the gate g runs, cannot be read'])
  const twice = '{"scripts":{"test":"node --test","test":"true"}}'
  expect(after(twice)).toEqual([testScript])
})

test.each([
  [['npm', 'run', 'test']],
  [['npm', 't']],
  [['pnpm', '--silent', 'test', '--', 'src']],
  [['yarn', 'test']],
  [['/usr/bin/bun', 'run', 'test']],
  [['node', '--run', 'test']],
  [['env', 'CI=1', 'npm.cmd', 'test']],
  [['sh', '-c', 'npm ci && npm test']],
  [['npm', 'run', 'all']],
])('%j runs the script test', (gate) => {
  const [was, is] = ['node --test', 'true'].map((text) => scripts({ test: text, all: 'npm-run-all te*' }))
  expect(found({ gate, base: { 'package.json': was ?? '' }, change: { 'package.json': is ?? '' } })).toEqual([testScript])
})

test('a script leads to scripts and files, from where it stands', () => {
  const base = {
    'package.json': scripts({ test: 'npm run unit && npm --prefix web run look', unit: 'node tools/check.mjs', look: 'x' }),
    'web/package.json': scripts({ look: 'node look.mjs ../tools/shared.mjs', other: 'x' }),
    'tools/check.mjs': '',
    'tools/shared.mjs': '',
    'web/look.mjs': '',
    'web/other.mjs': '',
  }
  const change = {
    ...base,
    'package.json': scripts({ test: 'npm run unit && npm --prefix web run look', unit: 'true' }),
    'web/package.json': scripts({ look: 'true', other: 'y' }),
  }
  expect(found({ gate: ['npm', 'test'], base, change })).toEqual([
    'package.json: the script unit, which the gate g runs',
    'package.json: the script look, which the gate g runs',
    'web/package.json: the script look, which the gate g runs',
    ...named('tools/check.mjs'),
    ...named('tools/shared.mjs'),
    ...named('web/look.mjs'),
  ])
})

test.each([
  [['pnpm', '-r', 'test']],
  [['pnpm', '--filter', './packages/*', 'run', 'test']],
  [['npm', 'test', '--workspaces']],
  [['yarn', 'workspaces', 'foreach', 'run', 'test']],
  [['npx', 'turbo', 'run', 'test']],
])('%j runs the script of every package', (gate) => {
  const base = { 'package.json': scripts({}), 'a/package.json': scripts({ test: 'node ../t.mjs', x: '' }), 't.mjs': '' }
  expect(found({ gate, base, change: { 'a/package.json': scripts({ test: 'true' }), 't.mjs': 'x' } })).toEqual([
    'a/package.json: the script test, which the gate g runs',
    ...named('t.mjs'),
  ])
  expect(found({ gate: ['npm', 'test'], base, change: { 'a/package.json': scripts({ test: 'true' }) } })).toEqual([])
})

test.each([[['npm', 'ci']], [['pnpm', 'install', '--frozen-lockfile']], [['yarn']], [['yarn', '--immutable']]])(
  '%j runs scripts that nobody names, also new ones',
  (gate) => {
    const base = { 'package.json': scripts({ test: 'x' }), 'a/package.json': scripts({ prepare: 'sh gen.sh' }), 'a/gen.sh': '' }
    const change = { 'package.json': scripts({ test: 'y', postinstall: 'x' }), 'a/package.json': scripts({}), 'a/gen.sh': 'x' }
    expect(found({ gate, base, change })).toEqual([
      'package.json: the script postinstall, which the gate g runs',
      'a/package.json: the script prepare, which the gate g runs',
      ...named('a/gen.sh'),
    ])
  },
)

test('whatever the words and names, it ends with what was changed', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('npm', 'run', 'a', '-r', 'cd', '../a', '*', '/', '"', '__proto__'),
  )
  fc.assert(
    fc.property(
      fc.array(word),
      fc.dictionary(
        word,
        fc.oneof(
          word,
          fc.array(word).map((words) => words.join(' ')),
        ),
      ),
      (gate, own) => {
        const base = { 'package.json': scripts(own), a: 'x' }
        const reasons = found({ gate, base, links: own, change: { a: 'y', 'package.json': scripts({}), other: '' } })
        expect(
          reasons.filter((reason) => !/^(a is what|package\.json: )/.test(reason) && !reason.startsWith('other is')),
        ).toEqual([])
      },
    ),
    { numRuns: 200 },
  )
})
