import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commitTree, resetTo, resolveCommit, startDetached, treeOf } from '@coxswain/host'
import { CoxError, seconds } from '@coxswain/kernel'
import { excerptOf } from './excerpt.ts'
import type { EffectContext } from './effect-context.ts'
import type { Effect } from './run-machine.ts'
import type { UntimedOutcome } from './services.ts'
import type { Setup, Worktree } from './worktree-pool.ts'
import { commitMessage } from './commit-message.ts'

/** Puts the run's worktree on its branch, with the work so far or a given tree, and sets it up if it is not. */
export async function performPrepare(effect: Extract<Effect, { kind: 'prepare' }>, context: EffectContext): Promise<UntimedOutcome> {
  const { services, record } = context
  const { git } = services.repository
  const base = effect.base ?? (await tipOf(context))
  const head = effect.tree === null ? workSoFar(context, base) : await commitTree(git, { tree: effect.tree, parents: [base], message: commitMessage(record), at: Math.floor(record.run.createdAt / 1000) })
  const worktree = await services.pool.acquire(record.run.id)
  await resetTo(worktree.git, record.run.branch, head)
  const { setup } = services.config
  if (setup !== null && !(await worktree.isSetUp(setup))) {
    const failure = await setUp(setup, worktree, context)
    if (failure !== null) return { kind: 'setup-failed', excerpt: failure }
    await worktree.markSetUp(setup)
  }
  return { kind: 'prepared', base, head, tree: await treeOf(git, head) }
}

function workSoFar({ record }: EffectContext, base: string): string {
  return record.progress.base === base && record.progress.head !== null ? record.progress.head : base
}

async function tipOf({ services }: EffectContext): Promise<string> {
  const tip = await resolveCommit(services.repository.git, `refs/heads/${services.branch}`)
  if (tip === null) throw new CoxError('BRANCH_MISSING', `The landing branch "${services.branch}" has no commit`, { hint: 'Make a first commit on it, or set `branch` in harness/harness.yaml.' })
  return tip
}

/** Null on success; else what the command printed. The base is trusted, so it runs outside the sandbox: it may fill shared caches. */
async function setUp(setup: Setup, worktree: Worktree, context: EffectContext): Promise<string | null> {
  const dir = join(context.dir, 'setup')
  const started = await startDetached({ dir, key: context.key, command: ['/bin/sh', '-c', 'exec "$@" 2>&1', 'setup', ...setup.command], cwd: worktree.path, env: context.services.setupEnvironment, input: 'none' })
  const limit = AbortSignal.timeout(setup.timeout)
  const end = AbortSignal.any([context.interrupt, context.shutdown, limit])
  const exit = await started.exited(end).catch(() => null)
  if (context.shutdown.aborted) throw context.shutdown.reason
  await started.stop({ grace: seconds(1) })
  context.interrupt.throwIfAborted()
  if (exit?.exitCode === 0) return null
  const output = excerptOf(await readFile(join(dir, 'out'), 'utf8').catch(() => ''))
  const how = limit.aborted ? `it ran longer than ${setup.timeout / 1000} s` : `exit code ${exit?.exitCode ?? 'none'}`
  return `\`${setup.command.join(' ')}\`: ${how}.\n${output}`
}
