import { join } from 'node:path'
import { filesWithLine, fillSubmodules, isClean, resetTo, type Git } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import type { Gate, GateResult, HarnessConfig } from '@coxswain/model'
import { runGates } from './gates.ts'
import type { EffectContext } from './effect-context.ts'
import type { RunServices, UntimedOutcome } from './services.ts'
import { modulesOf } from './set-up.ts'
import { standingWorktree } from './standing-worktree.ts'

/** Judges the tree in the run's worktree: first our own gate on conflict markers, then the configured ones. */
export async function performCheck(context: EffectContext): Promise<UntimedOutcome> {
  const { record } = context
  const { head, tree, conflictPaths } = record.progress
  if (head === null || tree === null) throw new Error('a run is checked after a turn')
  const worktree = await standingWorktree(context)
  const marked = await filesWithLine(worktree.git, { tree, pattern: '^(<<<<<<< |>>>>>>> )', paths: conflictPaths })
  if (marked.length > 0) return { kind: 'checked', results: [markerFailure(marked, tree)] }
  const results = await checkTree(context, { path: worktree.path, tree })
  await removeDroppings(worktree.git, head, context)
  // What is said while a gate fails reaches the turn that mends it.
  const isGreen = results.every(({ verdict }) => verdict === 'passed')
  return { kind: 'checked', results, ...(isGreen ? { undelivered: context.control.pendingMessages() } : {}) }
}

/** Runs the configured gates on a tree that stands in `path`. */
export function checkTree(
  context: EffectContext,
  place: {
    readonly path: string
    readonly tree: string
    /** Default: all that are configured. */
    readonly gates?: readonly Gate[]
    readonly place?: () => Promise<void>
  },
): Promise<GateResult[]> {
  const { services, shutdown, interrupt } = context
  return runGates({
    gates: place.gates ?? gatesOf(services.config),
    worktree: place.path,
    ...(place.place === undefined ? {} : { place: place.place }),
    tree: place.tree,
    dir: gatesDir(context, place.tree),
    env: services.gateEnvironment,
    contain: (command, sockets) => services.contain(command, place.path, sockets),
    cache: services.gateCache,
    interrupt,
    shutdown,
  })
}

/** Holds the processes of one tree's gates; it is there once the first has started. */
export function gatesDir({ dir }: Pick<EffectContext, 'dir'>, tree: string): string {
  return join(dir, `gates-${tree.slice(0, 12)}`)
}

/** On a base only those count that need no change to pass. */
export function gatesOf(config: RunServices['config'], on: 'change' | 'base' = 'change'): Gate[] {
  return config.gates
    .filter(({ base }: HarnessConfig['gates'][number]) => on === 'change' || base === 'required')
    .map(({ name, command, timeout, sockets }) => ({ name, command, timeoutMs: timeout ?? seconds(600), sockets }))
}

function markerFailure(paths: readonly string[], tree: string): GateResult {
  return {
    gate: 'conflict-markers',
    verdict: 'failed',
    exitCode: 1,
    wallMs: 0,
    excerpt: `Conflict markers are left in:\n${paths.join('\n')}`,
    logFile: '',
    tree,
  }
}

/** Gates may write reports and caches into the tree: the next turn starts from the work alone. */
export async function removeDroppings(git: Git, head: string, context: EffectContext): Promise<void> {
  if (!(await isClean(git))) await resetTo(git, context.record.run.branch, head)
  await fillSubmodules(git, modulesOf(context))
}
