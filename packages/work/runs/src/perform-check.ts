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
  const marked = await filesWithLine(git, { tree, pattern: '^(function markerFailure(paths: readonly string[], tree: string): GateResult {
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
