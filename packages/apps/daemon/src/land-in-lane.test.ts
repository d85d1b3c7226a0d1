import { execFileSync } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commitTree, openRepository, treeOf, treeWithFiles } from '@coxswain/host'
import { milliseconds, sleep } from '@coxswain/kernel'
import type { RunId } from '@coxswain/model'
import type { LandRequest } from '@coxswain/runs'
import { openTestStore, startTestPostgres } from '@coxswain/store/testing'
import { expect, test } from 'vitest'
import { landInLane } from './land-in-lane.ts'

/** A branch `main` with one commit, in which nothing is checked out, and a store. */
async function openPlace(cleanup: AsyncDisposableStack) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cox-lane-')))
  cleanup.defer(() => rm(root, { recursive: true, force: true }))
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  git('init', '-q', '-b', 'main')
  git('config', 'user.name', 'Ann')
  git('config', 'user.email', 'ann@example.com')
  git('commit', '-q', '--allow-empty', '-m', 'first')
  git('checkout', '-q', '--detach')
  const store = await openTestStore(cleanup.use(await startTestPostgres()).url)
  cleanup.defer(() => store.close())
  return { git, store, repository: await openRepository(root), base: git('rev-parse', 'main') }
}

test('two changes that come at once land one after the other, each judged on what the branch then is', async () => {
  await using cleanup = new AsyncDisposableStack()
  const { git, store, repository, base } = await openPlace(cleanup)
  const judged: { readonly run: string; readonly onto: string }[] = []
  const request = async (run: string, whileJudged: () => Promise<void>): Promise<LandRequest> => {
    const tree = await treeWithFiles(repository.git, await treeOf(repository.git, base), new Map([[`${run}.txt`, `${run}\n`]]))
    return {
      run: run as RunId,
      base,
      head: await commitTree(repository.git, { tree, parents: [base], message: 'work', at: 1_800_000_000 }),
      target: 'main',
      message: `Work of ${run}\n\nCoxswain-Run: ${run}\n`,
      touchesBaseline: false,
      signal: new AbortController().signal,
      check: async (_tree, _commit, onto) => {
        judged.push({ run, onto })
        await whileJudged()
        return []
      },
    }
  }
  const isSecondJudged = Promise.withResolvers<void>()
  const second = await request('r2', async () => isSecondJudged.resolve())
  let landingSecond: ReturnType<typeof landInLane> | undefined
  const first = await request('r1', async () => {
    landingSecond ??= landInLane(second, null, { store, repository })
    // Where nothing holds the second one up it is judged now.
    await Promise.race([isSecondJudged.promise, sleep(milliseconds(1_500))])
  })
  const landed = await landInLane(first, null, { store, repository })
  expect([landed.kind, (await landingSecond)?.kind]).toEqual(['landed', 'landed'])
  expect(judged).toEqual([
    { run: 'r1', onto: base },
    { run: 'r2', onto: git('rev-parse', 'main^') },
  ])
  expect(git('log', '--format=%s', 'main').split('\n')).toEqual(['Work of r2', 'Work of r1', 'first'])
})
