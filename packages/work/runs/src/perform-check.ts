import { filesWithLine } from '@coxswain/host'
import type { GateResult } from '@coxswain/model'
import type { EffectContext } from './effect-context.ts'
import { judgeTree } from './judge-tree.ts'
import type { UntimedOutcome } from './services.ts'

/** Judges the run's tree: first our own gate on conflict markers, then the configured ones. */
export async function performCheck(context: EffectContext): Promise<UntimedOutcome> {
  const { base, head, tree, conflictPaths } = context.record.progress
  if (base === null || head === null || tree === null) throw new Error('a run is checked after a turn')
  const { git } = context.services.repository
  const marked = await filesWithLine(git, { tree, pattern: '^(<<<<<<< |>>>>>>> )', paths: conflictPaths })
  if (marked.length > 0) return { kind: 'checked', results: [markerFailure(marked, tree)] }
  const results = await judgeTree(context, { tree, commit: head, base })
  // What is said while a gate fails reaches the turn that mends it.
  const isGreen = results.every(({ verdict }) => verdict === 'passed')
  return { kind: 'checked', results, ...(isGreen ? { undelivered: context.control.pendingMessages() } : {}) }
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
