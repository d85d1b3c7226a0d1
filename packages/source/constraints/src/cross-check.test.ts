import { expect, test } from 'vitest'
import type { Constraint } from './constraint.ts'
import { crossCheck } from './cross-check.ts'
import { weakenedConstraints } from './weakened-constraints.ts'

const base: Constraint = {
  id: 'base',
  class: 'class',
  severity: 'warning',
  scope: ['src/**'],
  except: [],
  rungs: [{ root: 'Text' }],
  see: [],
  owner: 'team',
  evidence: [],
  exemptions: [],
  overrides: [],
  file: 'harness/constraints/base.md',
  title: 'Base',
  why: 'why',
  fix: 'fix',
  bad: [],
  good: [],
}
const files = ['docs/x.md', 'src/a.ts', 'src/deep/b.ts']
const tree = { files, today: '2026-11-22' }

function make(id: string, changes: Partial<Constraint>): Constraint {
  return { ...base, id, file: `harness/constraints/${id}.md`, ...changes }
}

function codes(constraints: readonly Constraint[]): string[] {
  return crossCheck(constraints, tree).problems.map((problem) => `${problem.severity} ${problem.code} ${problem.file.slice(20)}`)
}

test('of two with one id the first stays, and both files are named', () => {
  const { constraints, problems } = crossCheck([make('a', {}), make('a', { file: 'harness/constraints/b.md' })], tree)
  expect(constraints.map((one) => one.file)).toEqual(['harness/constraints/a.md'])
  expect(problems.map((problem) => problem.message)).toEqual(['The id `a` is already used by harness/constraints/a.md'])
})

test('unknown targets get a suggestion', () => {
  const { problems } = crossCheck([make('deadline', {}), make('other', { see: ['deadlin', 'docs/x.md'] })], tree)
  expect(problems.map((problem) => problem.hint)).toEqual(['Did you mean `deadline`?'])
})

test('a path in `see` has to be there, whether file or folder', () => {
  const see = ['docs/x.md#part', 'src/deep/', './src/a.ts', 'https://example.com/x', 'docs/gone.md', 'x.md']
  const { problems } = crossCheck([make('a', { see })], tree)
  expect(problems.map(({ code, message }) => [code, message])).toEqual([
    ['LINK_BROKEN', '`see` names `docs/gone.md`, which is not in the tree'],
    ['LINK_BROKEN', '`see` names `x.md`, which is not in the tree'],
  ])
  expect(crossCheck([make('a', { see })], { ...tree, files: [] }).problems).toEqual([])
})

test('a pattern whose scope holds no file of its language is told of', () => {
  const check = (language: string, pattern = 'Date.now()') => ({ rungs: [{ check: { language, pattern } }] })
  const { problems } = crossCheck(
    [make('a', check('js')), make('b', check('TypeScript')), make('c', { ...check('css'), scope: ['docs/**', '**/*.ts'] })],
    tree,
  )
  expect(problems.map(({ severity, code, message }) => [severity, code, message])).toEqual([
    ['warning', 'LANGUAGE_ABSENT', 'No file in scope is of the language js, so the pattern looks at none'],
    ['warning', 'LANGUAGE_ABSENT', 'No file in scope is of the language css, so the pattern looks at none'],
  ])
  expect(codes([make('a', { ...check('js'), scope: ['gone/**'] })])).toEqual(['warning SCOPE_EMPTY a.md'])
  expect(crossCheck([make('a', check('js'))], { ...tree, files: [] }).problems).toEqual([])
})

test('an exemption that has expired is told of', () => {
  const until = (expires: string) => ({ path: 'src/a.ts', owner: 'ann', reason: 'legacy', expires })
  const { problems } = crossCheck([make('a', { exemptions: [until('2026-11-21'), until('2026-11-22')] })], tree)
  expect(problems.map(({ severity, code, message }) => [severity, code, message])).toEqual([
    [
      'warning',
      'EXEMPTION_EXPIRED',
      'The exemption of `src/a.ts` by ann ended on 2026-11-21 and exempts nothing any more: legacy',
    ],
  ])
})

test('circles end: of `overrides` as errors, of `see` as warnings, each reported once', () => {
  expect(codes([make('a', { overrides: ['b'] }), make('b', { overrides: ['c'] }), make('c', { overrides: ['a'] })])).toEqual([
    'error REFERENCE_CYCLE a.md',
  ])
  expect(codes([make('a', { see: ['b'] }), make('b', { see: ['b', 'a'] })])).toEqual(['warning REFERENCE_CYCLE a.md'])
})

test('a scope that matches nothing is a warning', () => {
  expect(codes([make('a', { scope: ['src/**', 'lib/**'] })])).toEqual(['warning SCOPE_EMPTY a.md'])
})

test('one rule configured twice for a common file conflicts until one overrides the other', () => {
  const wide = make('wide', { rungs: [{ check: { rule: 'max-lines', options: { max: 350 } } }] })
  const narrow = make('narrow', { scope: ['src/deep/**'], rungs: [{ check: { rule: 'max-lines', options: { max: 100 } } }] })
  expect(crossCheck([wide, narrow], tree).problems.map((problem) => problem.message)).toEqual([
    '`wide` and `narrow` configure the rule `max-lines` differently for src/deep/b.ts',
  ])
  expect(codes([wide, { ...narrow, overrides: ['wide'] }])).toEqual([])
  expect(codes([{ ...wide, except: ['src/deep/**'] }, narrow])).toEqual([])
})

test('each way to weaken a constraint is named with its measure', () => {
  const check = { check: { rule: 'max-lines', options: { max: 350 } } }
  const before = [make('gone', {}), make('softer', { severity: 'error', rungs: [check, { root: 'x' }] })]
  const exemption = { path: 'src/a.ts', owner: 'ann', reason: 'legacy', expires: '2027-01-01' }
  const after = [
    make('softer', {
      scope: ['src/deep/**'],
      rungs: [{ check: { rule: 'max-lines', options: { max: 900 } } }],
      exemptions: [exemption],
      overrides: ['gone'],
    }),
  ]
  expect(weakenedConstraints(before, after, files).map((one) => `${one.id} ${one.kind}: ${one.detail}`)).toEqual([
    'gone removed: was warning: Base',
    'softer severity-lowered: error → warning',
    'softer rung-removed: root',
    'softer check-changed: rule max-lines {"max":350} → rule max-lines {"max":900}',
    'softer scope-narrowed: 1 of 2 files no longer reached, such as src/a.ts',
    'softer exemption-added: src/a.ts until 2027-01-01 by ann: legacy',
    'gone override-added: softer now overrides it',
  ])
})
