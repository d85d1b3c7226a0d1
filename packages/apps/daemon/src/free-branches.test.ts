import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGit, type Git } from '@coxswain/host'
import type { RunId } from '@coxswain/model'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freeBranches } from './free-branches.ts'

let root: string
let git: Git
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cox-branches-'))
  git = openGit(root)
  await git.run(['init', '--quiet', '-b', 'main'])
  await commit('first')
})
afterEach(() => rm(root, { recursive: true }))

const commit = (message: string): Promise<string> =>
  git.run(['-c', 'user.name=A', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '-m', message])

async function names(isFirst = false): Promise<(string | null)[]> {
  const name = await freeBranches(git, { isFirst, target: 'main' })
  return ['r1', 'r2', 'r3'].map((id) => name(id as RunId))
}

test('a number whose branch stands for something is passed over, here and on a remote, packed, in any case, as a folder', async () => {
  expect(await names()).toEqual(['cox/r1', 'cox/r2', 'cox/r3'])
  await git.run(['branch', 'cox/r1'])
  expect(await names()).toEqual([null, 'cox/r2', 'cox/r3'])
  await git.run(['pack-refs', '--all'])
  await git.run(['update-ref', 'refs/remotes/up/stream/cox/r2', 'HEAD'])
  expect(await names()).toEqual([null, null, 'cox/r3'])
  await git.run(['branch', 'cox/r3/part'])
  expect(await names()).toEqual([null, null, null])
  await git.run(['branch', '-D', 'cox/r1', 'cox/r3/part'])
  await git.run(['branch', 'COX/R1'])
  expect(await names()).toEqual([null, null, 'cox/r3'])
})

test('where a branch has the name of the folder, the names have none', async () => {
  await git.run(['branch', 'cox'])
  await git.run(['branch', 'cox-r2'])
  await git.run(['branch', 'coxswain'])
  expect(await names()).toEqual(['cox-r1', null, 'cox-r3'])
})

test('in a state folder that knows of no run, numbers of landings on the branch are passed over', async () => {
  await commit('Work\n\nCoxswain-Run: r1')
  await commit('Work\n\nCoxswain-Run: r2, r3')
  await commit('Said\n\nCoxswain-Run: x\n\nbody Coxswain-Run: r3')
  expect(await names()).toEqual(['cox/r1', 'cox/r2', 'cox/r3'])
  expect(await names(true)).toEqual([null, null, null])
})
