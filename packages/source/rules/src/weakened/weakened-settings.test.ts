import { describe, expect, it, test } from 'vitest'
import { exemptionsIn, weakenedSettings } from './weakened-settings.ts'

const checks = (was: string, now: string): string[] => weakenedSettings('harness/checks.yaml', was, now)
const shape = (was: string, now: string): string[] => weakenedSettings('harness/architecture.yaml', was, now)
const pattern = (more: string): string =>
  `patterns: [{ id: no-now, rule: Date.now(), message: m, why: w, fix: [f]${more === '' ? '' : `, ${more}`} }]\n`

describe('harness/checks.yaml', () => {
  it('counts rules that were on without being named', () => {
    const off = 'rules: { no-swallowed-error: off }\n'
    expect(checks('', off)).toEqual(['no-swallowed-error goes from warning to off'])
    expect(checks('defaults: error\n', `defaults: error\n${off}`)).toEqual(['no-swallowed-error goes from error to off'])
    expect(checks('defaults: error\n', 'defaults: error\nrules: { no-swallowed-error: warning }\n')).toEqual([
      'no-swallowed-error goes from error to warning',
    ])
    expect(checks('', 'rules: { parse-at-boundary: off, no-cycles: error }\n')).toEqual([])
    expect(checks('defaults: error\n', 'rules: {}\n')).toEqual(['defaults are no longer errors'])
    expect(checks('rules: { no-cycles: error }\n', '')).toEqual(['no-cycles is no longer configured'])
    expect(checks('rules: { no-cycles: off }\n', '')).toEqual([])
  })

  it('compares options with what they are by themselves', () => {
    expect(checks('', 'rules: { max-lines: { max: 99999 } }\n')).toEqual(['max-lines: max goes from 350 to 99999'])
    expect(checks('rules: { max-lines: { max: 350 } }\n', 'rules: { max-lines: error }\n')).toEqual([])
    expect(checks('rules: { max-lines: error }\n', 'rules: { max-lines: { max: 100 } }\n')).toEqual([])
    expect(checks('rules: { no-cycles: error }\n', 'rules: { no-cycles: { types: true } }\n')).toEqual([
      'no-cycles: types changed from false to true: cannot be compared',
    ])
  })

  it('names what a rule no longer looks at', () => {
    const rule = (more: string): string => `rules: { no-cycles: { ${more} } }\n`
    expect(checks(rule(''), rule('include: [src/**]'))).toEqual(['no-cycles looks only at src/**'])
    expect(checks(rule('include: [src/**, lib/**]'), rule('include: [src/**]'))).toEqual(['no-cycles no longer looks at lib/**'])
    expect(checks('', 'exclude: [src/**]\n')).toEqual(['src/** is excluded from every rule'])
    expect(checks('oxlint: typed\n', 'oxlint: off\n')).toEqual(['oxlint goes from typed to off'])
  })

  it('compares the patterns of a team', () => {
    expect(checks(pattern(''), '')).toEqual(['pattern no-now is removed'])
    expect(checks(pattern(''), pattern('severity: warning, include: [src/**], exclude: [a.ts]'))).toEqual([
      'pattern no-now goes from error to warning',
      'pattern no-now looks only at src/**',
      'pattern no-now no longer looks at a.ts',
    ])
    expect(checks(pattern('include: [src/**, lib/**]'), pattern('include: [src/**]'))).toEqual([
      'pattern no-now no longer looks at lib/**',
    ])
    expect(checks(pattern(''), pattern('').replace('Date.now()', 'never()'))).toEqual([
      'pattern no-now: rule changed from "Date.now()" to "never()": cannot be compared',
    ])
    expect(checks(pattern(''), pattern('').replace('m,', 'other words,'))).toEqual([])
  })

  it('is not called whole where it cannot be read', () => {
    expect(checks('', 'rules: [\n')).toEqual(['what it weakens cannot be judged, because it cannot be read after it'])
    expect(checks('- a\n', '')).toEqual(['what it weakens cannot be judged, because it cannot be read before the change'])
  })
})

test('harness/architecture.yaml: layers, packages, providers and capabilities', () => {
  const was =
    'packages:\n  - src/{layer}\n  - lib/{layer}\nlayers: [base, { name: core, siblings: false }, app]\nproviders: [src/log]\ncapabilities: [{ name: http, use: h, instead-of: [axios, got] }]\n'
  expect(shape(was, was)).toEqual([])
  expect(shape(was, was.replace('[base, ', '[{ name: base, imports: [app] }, ').replace(', siblings: false', ''))).toEqual([
    'layer base may import app',
    'packages of layer core may import each other',
  ])
  expect(shape(was, was.replace(', app]', ']').replace('lib/{layer}', 'lib/{domain}'))).toEqual([
    'packages no longer match lib/{layer}',
    'layer app is removed',
  ])
  expect(shape(was, was.replace('src/log', 'src/all').replace('axios, ', '').replace('use: h', 'use: i'))).toEqual([
    'providers gains "src/all"',
    'providers loses "src/log"',
    'capability http no longer stands instead of axios',
    'capability http: use changed from h to i: cannot be compared',
  ])
  expect(shape(was, '')).toContain('capability http is removed')
})

describe('the baseline', () => {
  const [path, one, two] = [
    'harness/baseline/max-lines.txt',
    `${'1'.repeat(16)} ${'a'.repeat(16)} a.ts`,
    `${'2'.repeat(16)} ${'b'.repeat(16)} b.ts`,
  ]

  it('weakens where it grows without a reason', () => {
    expect(weakenedSettings(path, one, `${one}\n${two}\n`)).toEqual(['1 violations are added to the baseline without a reason'])
    expect(weakenedSettings(path, null, one)).toEqual(['1 violations are added to the baseline without a reason'])
    expect(weakenedSettings(path, `${one}\n`, `${two} # why\n`)).toEqual([])
    expect(weakenedSettings(path, one, null)).toEqual([])
  })

  it('exempts with a reason, and moved code is not new', () => {
    expect(weakenedSettings(path, one, `${'3'.repeat(16)} ${'a'.repeat(16)} moved.ts\n`)).toEqual([])
    expect(exemptionsIn(path, `${one} # old code\n${two}\n`)).toEqual([
      {
        key: `baseline max-lines ${'a'.repeat(16)}`,
        detail: 'a violation of max-lines is taken into the baseline',
        why: 'old code',
      },
    ])
  })
})

test('exemptions in settings and comments are told with owner, day and reason', () => {
  const yaml = 'exemptions:\n  - { rule: no-secrets, files: [keys/**], owner: ana, reason: test keys, until: 2027-03-31 }\n'
  expect(exemptionsIn('harness/checks.yaml', yaml).map(({ detail, why }) => [detail, why])).toEqual([
    ['keys/** from no-secrets until 2027-03-31 by ana', 'test keys'],
  ])
  const mark = ['cox', 'allow'].join('-')
  const source = `const a = 1\n// ${mark} no-cycles owner=bo until=2027-01-01 reason=moves soon\n// ${mark} no-cycles reason=later\n`
  expect(exemptionsIn('src/a.ts', source).map(({ detail, why }) => [detail, why])).toEqual([
    ['line 2 from no-cycles until 2027-01-01 by bo', 'moves soon'],
  ])
})
