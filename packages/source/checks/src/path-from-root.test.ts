import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCheck } from './run-check.ts'

let folder = ''
let root = ''
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cox-paths-')))
  root = join(folder, 'shop')
  mkdirSync(join(root, 'src/deep'), { recursive: true })
  mkdirSync(join(root, 'harness'))
  writeFileSync(join(root, 'harness/checks.yaml'), 'rules: { no-swallowed-error: error }\n')
  for (const file of ['src/a.ts', 'src/..b.ts']) writeFileSync(join(root, file), 'try {\n  start()\n} catch {}\n')
  symlinkSync(root, join(folder, 'link'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const filesAt = async (path: string): Promise<string[]> =>
  (await runCheck({ cwd: join(root, 'src'), paths: [path], cache: false })).findings.map(({ file }) => file)

it.each(['a.ts', '../src/a.ts', 'deep/../a.ts', '../../shop/src/a.ts'])('%s is told from the current folder', async (path) => {
  expect(await filesAt(path)).toEqual(['src/a.ts'])
})

it('an absolute path names the same file, also by a link', async () => {
  for (const path of [join(root, 'src/a.ts'), join(folder, 'link/src/a.ts')]) expect(await filesAt(path)).toEqual(['src/a.ts'])
  expect(await filesAt(root)).toHaveLength(2)
  expect(await filesAt('..b.ts')).toEqual(['src/..b.ts'])
})

it('what lies outside is no file of the repository, whatever its name', async () => {
  for (const path of ['../../src/a.ts', `../../${basename(folder)}`, '/', '../../../src'])
    await expect(filesAt(path)).rejects.toMatchObject({
      code: 'PATH_UNKNOWN',
      message: `No file of this repository is at ${path}`,
    })
})
