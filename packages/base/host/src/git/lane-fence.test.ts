import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { moveBehindFence, raiseFence } from './lane-fence.ts'
import { openGit, type Git } from './open-git.ts'

let root: string
let git: Git
let base: string
const run = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@b', ...args], { cwd: root, encoding: 'utf8' }).trim()
const commit = (message: string): string => run('commit-tree', '-p', base, '-m', message, `${base}^{tree}`)
const move = (to: string, fence: { readonly object: string }): Promise<boolean> =>
  moveBehindFence(git, 'refs/heads/main', { from: base, to, reason: 'test', fence })

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'cox-fence-')))
  run('init', '--quiet', '-b', 'main')
  run('commit', '--quiet', '--allow-empty', '-m', 'first')
  git = openGit(root)
  base = run('rev-parse', 'main')
})
afterEach(() => rm(root, { recursive: true }))

test('a holder with an earlier token can neither move the branch nor raise its fence again', async () => {
  const epoch = randomUUID()
  const old = await raiseFence(git, { epoch, token: 9 })
  const later = await raiseFence(git, { epoch, token: 10 })
  await expect(move(commit('old'), old)).rejects.toMatchObject({ code: 'LANE_LOST' })
  await expect(raiseFence(git, { epoch, token: 9 })).rejects.toMatchObject({ code: 'LANE_LOST' })
  expect(run('rev-parse', 'main')).toBe(base)
  const landed = commit('later')
  expect([await move(landed, later), run('rev-parse', 'main')]).toEqual([true, landed])
  expect(run('reflog', '-1', '--format=%gs', 'main')).toBe('test')
})

test('a branch that was moved meanwhile stays; tokens of another database say nothing about ours', async () => {
  await raiseFence(git, { epoch: randomUUID(), token: 700 })
  const fence = await raiseFence(git, { epoch: randomUUID(), token: 1 })
  const moved = commit('by a person')
  run('update-ref', 'refs/heads/main', moved)
  expect([await move(commit('ours'), fence), run('rev-parse', 'main')]).toEqual([false, moved])
})

test('a fence that was taken away or written over by others shuts out, until it is raised again', async () => {
  const place = { epoch: randomUUID(), token: 3 }
  const fence = await raiseFence(git, place)
  for (const harm of [
    ['-d', 'refs/coxswain/lane'],
    ['refs/coxswain/lane', base],
  ]) {
    run('update-ref', ...harm)
    await expect(move(commit('x'), fence)).rejects.toMatchObject({ code: 'LANE_LOST' })
    expect(await raiseFence(git, place)).toEqual(fence)
  }
  expect(await move(commit('x'), fence)).toBe(true)
})

test('of holders in any order, one that came with a lower token than the highest never moves the branch', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 6 }), async (tokens) => {
      run('update-ref', 'refs/heads/main', base)
      const epoch = randomUUID()
      let highest = 0
      for (const token of tokens) {
        const fence = await raiseFence(git, { epoch, token }).catch(() => null)
        expect(fence === null).toBe(token < highest)
        highest = Math.max(highest, token)
      }
      for (const token of new Set(tokens)) {
        const object = await objectOf(`coxswain lane ${epoch} ${token}`)
        const hasMoved = await move(commit(`t${token}`), { object }).catch(() => null)
        expect(hasMoved).toBe(token === highest ? true : null)
      }
    }),
    { numRuns: 8 },
  )
})

async function objectOf(text: string): Promise<string> {
  return (await git.run(['hash-object', '--stdin'], { stdin: text })).trim()
}
