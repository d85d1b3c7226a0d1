import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyIndex } from './copy-index.ts'
import { openGit } from './open-git.ts'
import { differingFiles } from './standing-files.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-index-copy-'))
})
afterEach(() => rmSync(root, { recursive: true }))

test('a change that its times hide from a newer index is seen with a copy', async () => {
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: root, stdio: 'ignore' })
  const [file, index] = [join(root, 'file'), join(root, '.git/index')]
  const written = new Date(Date.now() - 3_600_400)
  git('init', '--quiet')
  // As where all of it happens in a moment: neither inode nor the time of the change of state differs.
  git('config', 'core.trustctime', 'false')
  git('config', 'core.checkStat', 'minimal')
  writeFileSync(file, 'one\n')
  utimesSync(file, written, written)
  git('add', '.')
  utimesSync(index, written, written)
  writeFileSync(file, 'two\n')
  utimesSync(file, written, written)
  await copyIndex(index, join(root, 'copy'))
  rmSync(index)
  await copyIndex(join(root, 'copy'), index)
  expect(await differingFiles(openGit(root))).toEqual(['file'])
})
