import { expect, test } from 'vitest'
import { checkSource } from './check-source.ts'

const told = (files: Readonly<Record<string, string>>, rule: string): string[] =>
  checkSource({ files, rule }).map(({ file, what }) => `${file}: ${what}`)

test('no-cycles: what is loaded while the program runs closes no circle, and a type does not', () => {
  const circle = (back: string): string[] =>
    told(
      { 'package.json': '{ "name": "one" }', 'a.ts': "import { b } from './b.ts'\nexport const a = b\n", 'b.ts': back },
      'no-cycles',
    )
  expect(circle("import { a } from './a.ts'\nexport const b = (): number => a\n")).toEqual([
    expect.stringContaining('2 files import each other in a circle'),
  ])
  expect(circle("export const b = async () => (await import('./a.ts')).a\n")).toEqual([])
  expect(circle("import type { a } from './a.ts'\nexport const b = (one: typeof a) => one\n")).toEqual([])
})

test('layer-direction: packages of a layer import each other, unless it has no siblings', () => {
  const layers = (siblings: string): Readonly<Record<string, string>> => ({
    'package.json': '{ "name": "root", "workspaces": ["packages/*/*"] }',
    'harness/architecture.yaml': `packages: ['packages/{layer}/{feature}']\nlayers: [base, { name: work, imports: [base]${siblings} }]\n`,
    'packages/base/kernel/package.json': '{ "name": "kernel", "exports": "./index.ts" }',
    'packages/base/kernel/index.ts': 'export const kernel = 1\n',
    'packages/work/one/package.json': '{ "name": "one", "exports": "./index.ts" }',
    'packages/work/one/index.ts':
      "import { kernel } from 'kernel'\nimport { own } from './own.ts'\nexport const one = kernel + own\n",
    'packages/work/one/own.ts': 'export const own = 1\n',
    'packages/work/two/package.json': '{ "name": "two", "exports": "./index.ts" }',
    'packages/work/two/index.ts': "import { one } from 'one'\nexport const two = one\n",
  })
  expect(told(layers(''), 'layer-direction')).toEqual([])
  expect(told(layers(', siblings: false'), 'layer-direction')).toEqual([
    'packages/work/two/index.ts: two imports one from one: work packages may not import each other',
  ])
})
