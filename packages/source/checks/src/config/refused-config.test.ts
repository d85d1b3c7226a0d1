import { describe, expect, it } from 'vitest'
import { loadConfig, parseConfig } from './load-config.ts'

const told = (file: string, text: string): string => {
  try {
    parseConfig((path) => (path === file ? text : null))
    return 'read'
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}
const checks = (text: string): string => told('harness/checks.yaml', text)
const shape = (text: string): string => told('harness/architecture.yaml', text)
const pattern = (id: string, rule: string): string => `  - { id: ${id}, rule: ${rule}, message: m, why: w, fix: [f] }\n`

describe('a pattern is refused', () => {
  it.each([
    ['"(("', '"(("'],
    ['"foo("', '"foo("'],
    ['""', '""'],
    ['{ any: [{ pattern: a() }, { not: { pattern: "if (" } }] }', '"if ("'],
    ['{ pattern: { context: "class {", selector: class } }', '"class {"'],
  ])('that matches nothing: %s', (rule, inert) => {
    expect(checks(`patterns:\n${pattern('first', 'a()')}${pattern('second', rule)}`)).toBe(
      `harness/checks.yaml:3: patterns.1.rule: pattern second: ${inert} is no whole piece of typescript, so it matches nothing`,
    )
  })

  it('that takes the id of a rule or of another pattern', () => {
    expect(checks(`patterns:\n${pattern('max-lines', 'a()')}`)).toBe(
      'harness/checks.yaml:2: patterns.0.id: max-lines is already the id of a rule of cox check',
    )
    expect(checks(`patterns:\n${pattern('one', 'a()')}${pattern('one', 'b()')}`)).toBe(
      'harness/checks.yaml:3: patterns.1.id: one is already the id of another pattern',
    )
  })

  it('and one that can match is not', () => {
    const rules = ['$A', 'foo($$$ARGS)', '"export default $A"', '"try { $$$ } catch { $$$ }"', '{ kind: class_declaration }']
    expect(rules.map((rule) => checks(`patterns:\n${pattern('one', rule)}`))).toEqual(rules.map(() => 'read'))
  })
})

it.each([
  ["exclude: ['!src/**']", 'exclude.0', 'leave what is to be looked at out of `exclude`'],
  [
    "rules: { no-cycles: { exclude: ['a', '!b'] } }",
    'rules.no-cycles.exclude.1',
    'leave what is to be looked at out of `exclude`',
  ],
  ["rules: { no-cycles: { include: ['!b'] } }", 'rules.no-cycles.include.0', 'write what is meant under `exclude`, without it'],
])('a glob that takes back is refused: %s', (text, path, hint) => {
  expect(checks(`${text}\n`)).toBe(`harness/checks.yaml:1: ${path}: a glob cannot begin with "!"; ${hint}`)
  expect(checks("exclude: ['!(a|b)/**']\n")).toBe('read')
})

it.each([
  ['an unknown rule', 'rules:\n  max-lines: error\n  max-line: error\n', ':3: there is no rule "max-line"'],
  ['an unknown option', 'rules:\n  max-lines:\n    max: 3\n    foo: 1\n', ':4: rules.max-lines: unknown key "foo"'],
  ['a wrong option', 'rules:\n  max-lines:\n    max: -3\n', ':3: rules.max-lines.max: write a number of more than 0'],
  ['a conflict', 'defaults: error\n<<<<<<< HEAD\na: 1\n=======\n>>>>>>> b\n', ':2: the file has merge-conflict markers'],
  ['endless aliases', aliases(), ':1: Excessive alias count'],
])('CHK-6 %s is told with its line', (_, text, words) => {
  expect(() => loadConfig((path) => (path === 'harness/checks.yaml' ? text : null))).toThrow(`harness/checks.yaml${words}`)
})

function aliases(): string {
  const levels = ['a', 'b', 'c', 'd', 'e']
  const lines = levels.map(
    (name, at) =>
      `${name}: &${name} [${Array(9)
        .fill(at === 0 ? 'x' : `*${levels[at - 1]}`)
        .join(', ')}]\n`,
  )
  return lines.join('')
}

describe('a template of packages is refused', () => {
  const known = 'known: {layer}, {domain}, {feature}'
  it.each([
    ['src/{layr}', `packages.0: unknown placeholder {layr} in src/{layr}; ${known}`],
    ['packages/{domain', `packages.0: a brace is not closed in packages/{domain; ${known}`],
    ['src', `packages.0: src has no placeholder, so it says nothing of its files; ${known}`],
    ['{layer}/{layer}', 'packages.0: {layer} stands twice in {layer}/{layer}'],
    ['src/{domain}', 'packages: layers are declared, and no template says where {layer} stands'],
  ])('%s', (template, message) => {
    expect(shape(`layers: [base, core]\npackages: '${template}'\n`)).toBe(`harness/architecture.yaml:2: ${message}`)
  })

  it('where it could not place a file, and nowhere else', () => {
    expect(shape("packages: ['src/{domain}', 'lib/{domain}/{feature}-{layer}']\nlayers: [base]\n")).toBe('read')
    expect(shape('packages: src\n')).toBe('read')
    expect(shape('packages: src\nshared-layers: [types]\n')).toContain('src has no placeholder')
  })
})
