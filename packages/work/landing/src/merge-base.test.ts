import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPlace, type Place } from './testing/open-place.ts'

let place: Place
beforeEach(async () => {
  place = await openPlace()
})
afterEach(() => place[Symbol.asyncDispose]())

const git = (...args: string[]): string => place.git(...args)
const read = (path: string): Promise<string> => place.read(path)
const write = (path: string, content: string): Promise<void> => place.write(path, content)
const commit = (message: string): string => place.commit(message)
const work: Place['work'] = (files, run) => place.work(files, run)
const land: Place['land'] = (...args) => place.land(...args)
const status = (): string => place.status()

const landed = (): string[] => git('ls-tree', '-r', '--name-only', 'main').split('\n')

test('what the person dropped from the branch does not come back with work that grew from it', async () => {
  await write('secret.txt', 'secret\n')
  const dropped = commit('secret')
  place.base = dropped
  const change = await work({ 'new.txt': 'new\n' })
  git('reset', '--quiet', '--hard', 'HEAD~1')
  expect((await land(change)).kind).toBe('landed')
  expect([landed(), status()]).toEqual([['a.txt', 'b.txt', 'new.txt'], ''])
})

test('a commit that the person amended is no conflict for work that grew from it, and one below it neither', async () => {
  await write('b.txt', 'draft\n')
  await write('c.txt', 'typo\n')
  place.base = commit('draft')
  const change = await work({ 'b.txt': 'draft\nmore\n', 'new.txt': 'new\n' })
  await write('c.txt', 'right\n')
  git('commit', '--quiet', '--all', '--amend', '-m', 'final')
  git('commit', '--quiet', '--allow-empty', '-m', 'on top')
  expect((await land(change)).kind).toBe('landed')
  expect([await read('b.txt'), await read('c.txt'), await read('new.txt')]).toEqual(['draft\nmore\n', 'right\n', 'new\n'])
})

test('what the person reverted stays reverted, and a branch with another history takes the change alone', async () => {
  await write('c.txt', 'c\n')
  place.base = commit('c')
  const [first, second] = [await work({ 'n1.txt': '1\n' }), await work({ 'n2.txt': '2\n' }, 'r2')]
  git('revert', '--no-edit', 'HEAD')
  expect((await land(first)).kind).toBe('landed')
  expect(landed()).toEqual(['a.txt', 'b.txt', 'n1.txt'])
  git('checkout', '--quiet', '--orphan', 'fresh')
  git('rm', '--quiet', '-r', '--force', '.')
  await write('only.txt', 'x\n')
  commit('another root')
  git('branch', '--force', 'main', 'fresh')
  git('checkout', '--quiet', 'main')
  expect((await land(second)).kind).toBe('landed')
  expect(landed()).toEqual(['n2.txt', 'only.txt'])
})

test('a change of what was dropped is a conflict, in that file alone', async () => {
  await write('secret.txt', 'secret\n')
  place.base = commit('secret')
  const change = await work({ 'secret.txt': 'other\n', 'new.txt': 'new\n' })
  git('reset', '--quiet', '--hard', 'HEAD~1')
  expect(await land(change)).toMatchObject({ kind: 'conflict', paths: ['secret.txt'] })
})

test('a trailer that names the run is no landing of it: another clone counts runs too', async () => {
  const change = await work({ 'new.txt': 'new\n' })
  await write('theirs.txt', 'x\n')
  commit('Work of another clone\n\nCoxswain-Run: r1')
  commit(`Said\n\nCoxswain-Run: x\n r1\n\nCoxswain-Run: r1`)
  expect((await land(change)).kind).toBe('landed')
  expect(landed()).toEqual(['a.txt', 'b.txt', 'new.txt', 'theirs.txt'])
})

test('work whose commits are gone is told of in one sentence', async () => {
  const change = await work({ 'new.txt': 'new\n' })
  const gone = 'e'.repeat(40)
  expect(await land({ ...change, head: gone })).toEqual({
    kind: 'failed',
    outcome: 'harness-error',
    reason: 'The commit eeeeeeeeee of this run is gone from the repository. Restore it, or rework the run.',
  })
})
