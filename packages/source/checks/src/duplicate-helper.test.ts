import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSource } from './check-source.ts'

// Each free name of a body is given one of these meanings; two bodies are copies when all of theirs are the same.
const meanings: Readonly<Record<string, (name: string) => string>> = {
  'one module': (name) => `import { ${name} } from './one.ts'`,
  'the same module by another path': (name) => `import { ${name} } from '../src/one.ts'`,
  'another module': (name) => `import { ${name} } from './two.ts'`,
  'another name of it': (name) => `import { other as ${name} } from './one.ts'`,
  'its default': (name) => `import ${name} from './one.ts'`,
  'a package': (name) => `import { ${name} } from 'tools'`,
  'a part of it': (name) => `import { ${name} } from 'tools/part'`,
  'a function': (name) => `function ${name}(x) {\n  return 'a' + x\n}`,
  'a function like it': (name) => `function ${name}(x) {\n  return 'b' + x\n}`,
  'a constant': (name) => `export const ${name} = (x) =>\n  x + 1`,
  'a constant behind another': (name) => `const zero = 0, ${name} = (x) => x + 2`,
  'one that depends on another': (name) => `const prefix = 'a'\nconst ${name} = (x) => prefix + x`,
  'one that depends on a different one': (name) => `const prefix = 'b'\nconst ${name} = (x) => prefix + x`,
  'what the run time brings': () => '',
}
const keys = Object.keys(meanings)
const same = (key: string): string => (key === 'the same module by another path' ? 'one module' : key)

function told(first: readonly string[], second: readonly string[], end = '\n'): number {
  const body = [
    'export function work(list) {',
    '  const found = []',
    '  for (const item of list) {',
    '    if (item === null) continue',
    '    found.push(first(item))',
    '    found.push({ ...second(item), first: item.second })',
    '  }',
    '  return found',
    '}',
  ]
  const module = ([a = '', b = '']: readonly string[]): string =>
    [meanings[a]?.('first') ?? '', meanings[b]?.('second') ?? '', ...body, ''].join(end)
  const files = { 'src/a.ts': module(first), 'src/b.ts': module(second), 'src/one.ts': '', 'src/two.ts': '' }
  return checkSource({ files, rule: 'duplicate-helper' }).length
}

it('calls two bodies copies exactly when their free names mean the same', () => {
  const meaning = fc.constantFrom(...keys)
  const pair = fc.tuple(meaning, meaning)
  const alike = pair.chain((first) => fc.oneof(fc.constant([first, first] as const), fc.tuple(fc.constant(first), pair)))
  fc.assert(
    fc.property(alike, fc.constantFrom('\n', '\r\n'), ([first, second], end) => {
      const isCopy = first.map(same).join() === second.map(same).join()
      expect([first, second, told(first, second, end)]).toEqual([first, second, isCopy ? 1 : 0])
    }),
    { numRuns: 300 },
  )
})

it.each([
  ['let count = 0\n', 'count++'],
  ['const store = new Map()\n', 'store.set(a, b)'],
  ['const seen = []\n', 'seen.push(a)'],
])('a body that keeps something in its module has no copy: %s', (before, line) => {
  const text = `${before}export function keep(a, b) {\n${`  ${line}\n`.repeat(8)}}\n`
  expect(checkSource({ files: { 'a.ts': text, 'b.ts': text }, rule: 'duplicate-helper' })).toEqual([])
})

describe('which copy stays', () => {
  const body = `(n) {\n${Array.from({ length: 9 }, (_, line) => `  n += ${line}\n`).join('')}  return n\n}\n`
  const copy = (word: string): string => `${word}function add${body}`
  const manifest = { 'package.json': '{ "name": "shop", "exports": { "./one": "./src/one.ts", "./two": "./src/two.ts" } }' }
  const fixes = (files: Readonly<Record<string, string>>): readonly (string | undefined)[] =>
    checkSource({ files: { ...manifest, ...files }, rule: 'duplicate-helper' }).map(({ file, fix }) => `${file}: ${fix[0]}`)

  it('the one that others import, not one in a file that nobody imports', () => {
    const files = {
      'src/one.ts': "import { add } from './ui/add.ts'\nexport const one = add(1)\n",
      'src/ui 2/add.ts': copy('export '),
      'src/ui/add.ts': copy('export '),
    }
    expect(fixes(files)).toEqual([
      'src/ui 2/add.ts: Import add from src/ui/add.ts and export it from here in place of this copy.',
    ])
  })

  it('one that is exported already; what a file offers it goes on offering', () => {
    expect(fixes({ 'src/one.ts': `${copy('')}export const one = add(1)\n`, 'src/two.ts': copy('export ') })).toEqual([
      'src/one.ts: Import add from src/two.ts and delete this copy.',
    ])
    expect(fixes({ 'src/one.ts': copy('export '), 'src/two.ts': copy('export ') })).toEqual([
      'src/two.ts: Import add from src/one.ts and export it from here in place of this copy.',
    ])
    expect(
      fixes({ 'src/one.ts': `${copy('')}export const one = add(1)\n`, 'src/two.ts': `${copy('')}export const two = add(2)\n` }),
    ).toEqual(['src/two.ts: Export add from src/one.ts, import it here and delete this copy.'])
  })
})
