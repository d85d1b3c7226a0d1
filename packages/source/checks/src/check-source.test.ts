import { expect, it } from 'vitest'
import { checkSource } from './check-source.ts'

it('runs one rule over texts', () => {
  const files = {
    'src/badName.ts': 'export const badName = 1\n',
    'src/good-name.ts': "import { badName } from './badName.ts'\nexport const goodName = badName\n",
  }
  expect(checkSource({ files, rule: 'file-name' }).map((finding) => [finding.file, finding.what])).toEqual([
    ['src/badName.ts', 'badName.ts is not kebab-case; 1 file imports it'],
  ])
})

it('takes options, and refuses those the rule does not know', () => {
  const files = { 'src/a.ts': 'export const a = 1\nexport const b = 2\n' }
  expect(checkSource({ files, rule: 'max-lines', options: { max: 1 } }).map((finding) => finding.what)).toEqual([
    '2 lines, 1 over 1; 2 exports',
  ])
  expect(() => checkSource({ files, rule: 'max-lines', options: { most: 1 } })).toThrow('rules.max-lines')
})
