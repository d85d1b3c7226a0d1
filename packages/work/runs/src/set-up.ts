import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fillSubmodules, startDetached } from '@coxswain/host'
import { CoxError, seconds } from '@coxswain/kernel'
import type { EffectContext } from './effect-context.ts'
import { isKillFromOutside, maxAttempts } from './gates.ts'
import { excerptOf } from './excerpt.ts'
import type { Setup, Worktree } from './worktree-pool.ts'

/** Runs the configured set-up where it has not run yet. Null on success; else what went wrong. */
export async function ensureSetUp(worktree: Worktree, context: EffectContext): Promise<string | null> {
  const { setup } = context.services.config
  const problems = await fillSubmodules(worktree.git, modulesOf(context))
  if (problems.length > 0) return problems.join('\n')
  if (setup === null || (await worktree.isSetUp(setup))) return null
  const failure = await setUp(setup, worktree, context)
  if (failure === null) await worktree.markSetUp(setup)
  return failure
}

/** Where the main checkout keeps the repositories of its submodules. */
export function modulesOf({ services }: Pick<EffectContext, 'services'>): string {
  return join(services.repository.gitDir, 'modules')
}

/** @throws CoxError SETUP_FAILED */
export async function requireSetUp(worktree: Worktree, context: EffectContext): Promise<void> {
  const failure = await ensureSetUp(worktree, context)
  if (failure === null) return
  throw new CoxError('SETUP_FAILED', `A worktree of ${context.record.run.id} could not be set up: ${failure}`, {
    hint: 'Correct `setup` in harness/harness.yaml.',
  })
}

/** Holds the process of a set-up; it is there once the tree stands. */
export function setUpDir(context: Pick<EffectContext, 'dir'>): string {
  return join(context.dir, 'setup')
}

/** Null on success; else what the command printed. The base is trusted, so it runs outside the sandbox: it may fill shared caches. */
async function setUp(setup: Setup, worktree: Worktree, context: EffectContext, attempt = 1): Promise<string | null> {
  const dir = setUpDir(context)
  const started = await startDetached({
    dir,
    key: context.key,
    command: ['/bin/sh', '-c', 'exec "$@" 2>&1', 'setup', ...setup.command],
    cwd: worktree.path,
    env: context.services.setupEnvironment,
    input: 'none',
  })
  const limit = AbortSignal.timeout(setup.timeout)
  const end = AbortSignal.any([context.interrupt, context.shutdown, limit])
  const exit = await started.exited(end).catch(() => null)
  if (context.shutdown.aborted) throw context.shutdown.reason
  await started.stop({ grace: seconds(1) })
  context.interrupt.throwIfAborted()
  if (exit?.exitCode === 0) return null
  if (exit !== null && isKillFromOutside(exit.exitCode) && attempt < maxAttempts) {
    await rm(dir, { recursive: true, force: true })
    return setUp(setup, worktree, context, attempt + 1)
  }
  const output = excerptOf(await readFile(join(dir, 'out'), 'utf8').catch(() => ''))
  const how = limit.aborted ? `it ran longer than ${setup.timeout / 1000} s` : `exit code ${exit?.exitCode ?? 'none'}`
  return `\`${setup.command.join(' ')}\`: ${how}.\n${output}`
}
