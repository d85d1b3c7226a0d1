import type { Rewrite } from '@coxswain/rules'
import { expect, it } from 'vitest'
import type { Finding } from '../finding.ts'
import { planCampaign } from './plan-campaign.ts'

const packages = ['', 'packages/a', 'packages/a/inner', 'packages/ab']

it('makes one task per package, the deepest that holds the file, the smallest first', () => {
  const files = [
    'packages/a/src/x.ts',
    'packages/a/y.ts',
    'packages/a/inner/z.ts',
    'packages/ab/x.ts',
    'packages/a',
    'other/w.ts',
  ]
  const tasks = planCampaign(
    files.map((file) => finding(file)),
    { rule: 'file-name', packages },
  )
  expect(tasks.map((task) => [task.package, task.title, task.findings.length])).toEqual([
    ['', 'file-name: 1 in the root', 1],
    ['packages/a/inner', 'file-name: 1 in packages/a/inner', 1],
    ['packages/ab', 'file-name: 1 in packages/ab', 1],
    ['packages/a', 'file-name: 3 in packages/a', 3],
  ])
})

it('leaves other rules alone', () => {
  expect(planCampaign([finding('a.ts')], { rule: 'max-lines', packages })).toEqual([])
})

it('hands over one rewrite when every finding has one, with nothing twice', () => {
  const edit = { file: 'a.ts', start: 0, end: 1, was: 'x', text: 'y' }
  const more = { ...edit, start: 5, end: 6 }
  const creation = { file: 'b.md', text: '# b\n' }
  const tasks = planCampaign(
    [finding('a.ts', { edits: [edit], creations: [creation] }), finding('b.ts', { edits: [edit, more], creations: [creation] })],
    { rule: 'file-name', packages: [''] },
  )
  expect(tasks.map((task) => task.rewrite)).toEqual([{ edits: [edit, more], moves: [], creations: [creation] }])
  expect(
    planCampaign([finding('a.ts', { edits: [edit] }), finding('b.ts')], { rule: 'file-name', packages: [''] })[0]?.rewrite,
  ).toBe(null)
})

it('names forty places at most, and how to see the rest', () => {
  const many = Array.from({ length: 50 }, (_, at) => finding(`packages/a/${at}.ts`))
  const text = planCampaign(many, { rule: 'file-name', packages })[0]?.text ?? ''
  expect(text.match(/^- packages/gm)?.length).toBe(40)
  expect(text).toContain('- and 10 more: `cox check packages/a --rule file-name`')
})

function finding(file: string, rewrite?: Rewrite): Finding {
  return {
    rule: 'file-name',
    severity: 'error',
    file,
    line: 1,
    column: 1,
    what: 'What.',
    why: 'Why.',
    fix: ['Do it.'],
    see: 's',
    fingerprint: file,
    moveKey: file,
    ...(rewrite && { rewrite }),
  }
}
