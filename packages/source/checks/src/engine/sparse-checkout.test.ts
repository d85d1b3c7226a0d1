import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCheck } from '../run-check.ts'

let folder = ''
const git = (root: string, ...args: readonly string[]): void => void execFileSync('git', args, { cwd: root })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cox-sparse-'))
  for (const part of ['main/src', 'main/lib']) mkdirSync(join(folder, part), { recursive: true })
  for (const part of ['src', 'lib']) writeFileSync(join(folder, `main/${part}/a.ts`), 'export const a = 1\n')
  git(join(folder, 'main'), 'init', '-q')
  git(join(folder, 'main'), 'add', '-A')
  git(join(folder, 'main'), '-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'start')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const isTold = async (root: string): Promise<boolean> =>
  (await runCheck({ cwd: root, cache: false })).notes.some((note) => note.startsWith('this is a sparse checkout'))

it('CHK-14 is told as long as it is one, of the worktree that is one', async () => {
  const [main, linked] = [join(folder, 'main'), join(folder, 'linked')]
  git(main, 'worktree', 'add', '-q', '--detach', linked)
  git(linked, 'sparse-checkout', 'set', 'src')
  expect([await isTold(main), await isTold(linked)]).toEqual([false, true])
  git(linked, 'sparse-checkout', 'disable')
  expect(await isTold(linked)).toBe(false)
})
