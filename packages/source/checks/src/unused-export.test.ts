import { describe, expect, it } from 'vitest'
import { checkSource, type SourceCheck } from './check-source.ts'

const told = (check: SourceCheck): string[] => checkSource(check).map(({ file, what }) => `${file}: ${what}`)
const root = { 'package.json': '{ "name": "root", "workspaces": ["packages/*"] }' }

describe('unused-export', () => {
  it('knows subpaths whose built file is not in git', () => {
    const files = {
      ...root,
      'packages/a/package.json': '{ "name": "a", "exports": { "./control": "./dist/control.mjs" } }',
      'packages/a/src/exports/control.ts': "export { one } from '../core.ts'\nexport const two = 2\n",
      'packages/a/src/core.ts': 'export const one = 1\nexport const three = 3\n',
      'packages/a/src/deep.ts': "import { one } from './core.ts'\nexport const deep = one\n",
    }
    expect(told({ files, rule: 'unused-export' })).toEqual([
      'packages/a/src/core.ts: three is exported, and no file of this repository imports it',
    ])
  })

  it('takes the word away only where it stands once', () => {
    const files = {
      'package.json': '{ "name": "shop", "exports": "./src/index.ts" }',
      'src/index.ts': "export { used } from './price.ts'\n",
      'src/price.ts':
        'export const used = 1\nexport function half(a: string): void\nexport function half(a: number): void\nexport function half() {}\nexport const rebate = 2\nhalf(rebate)\n',
    }
    const fixes = checkSource({ files, rule: 'unused-export' }).map((finding) => [
      finding.what.split(' ')[0],
      finding.rewrite?.edits,
    ])
    expect(fixes).toContainEqual(['rebate', [expect.objectContaining({ was: 'export ', text: '' })]])
    expect(fixes.filter(([name]) => name === 'half').every(([, edits]) => edits === undefined)).toBe(true)
  })

  it('counts a name in a list of exports as no use', () => {
    const files = {
      'package.json': '{ "name": "shop", "exports": "./src/index.ts" }',
      'src/index.ts': "export { used } from './price.ts'\n",
      'src/price.ts':
        'const used = 1\nconst alone = 2\nconst rebate = used\nconst inner = rebate\nexport { used, alone, rebate, inner as outer }\n',
    }
    expect(checkSource({ files, rule: 'unused-export' }).map(({ fix }) => fix[0])).toEqual([
      'Delete alone, there and in `export { … }`.',
      'Delete inner, which is exported as outer, there and in `export { … }`.',
      'Take rebate out of `export { … }`: only this file uses rebate.',
    ])
  })
})
