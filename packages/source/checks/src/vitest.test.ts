import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { source, sourceMatchers } from './vitest.ts'

expect.extend(sourceMatchers)
let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-matcher-'))
  mkdirSync(join(root, 'src'))
  mkdirSync(join(root, '.git'))
  writeFileSync(join(root, 'src/a.ts'), 'export const read = (text: string) => {\n  try {\n    return text\n  } catch {}\n}\n')
  writeFileSync(join(root, 'src/b.ts'), 'export const b = 1\n')
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

it('CHK-23 passes where there is nothing', async () => {
  await expect(source('src/b.ts', root)).toHaveNoFindings({ rules: ['no-swallowed-error'] })
})

it('CHK-23 fails with the message of the finding', async () => {
  await expect(expect(source('src', root)).toHaveNoFindings({ rules: ['no-swallowed-error'] })).rejects.toThrow(
    'src/a.ts:4:5 no-swallowed-error',
  )
})

it.each([
  ['typo/**', [], 'typo/**'],
  ['typo/**', ['src'], 'typo/**'],
  ['src/*.tsx', ['typo'], "src/*.tsx', 'typo"],
])(
  'CHK-23 fails where %s matches no file, beside %j, turned round as well, unless that is said to be meant',
  async (path, others, named) => {
    const nowhere = source([path, ...others], root)
    const message = `source('${named}') matches no file in the repository. Correct`
    await expect(expect(nowhere).toHaveNoFindings({ rules: ['no-cycles'] })).rejects.toThrow(message)
    await expect(expect(nowhere).not.toHaveNoFindings({ rules: ['no-cycles'] })).rejects.toThrow(message)
    await expect(nowhere).toHaveNoFindings({ rules: ['no-cycles'], allowEmpty: true })
  },
)

it.each([['a.ts'], ['.'], ['./'], ['*.ts']])(
  'CHK-23 %s is below the folder named, wherever in the repository that is',
  async (path) => {
    const found = expect(source(path, join(root, 'src'))).toHaveNoFindings({ rules: ['no-swallowed-error'] })
    await expect(found).rejects.toThrow('src/a.ts:4:5 no-swallowed-error')
  },
)
