import { applySabotage, obstacleTo } from './apply-sabotage.ts'
import { copyWorkspace, type WorkspaceCopy } from './copy-workspace.ts'
import { testsOf, type Sabotage } from './read-list.ts'
import { runTests, type TestOutcome } from './run-tests.ts'

export interface Verdict {
  readonly sabotage: Sabotage
  /** `unusable`: the line says nothing, because it cannot be applied, does not load, or its tests fail without it. */
  readonly kind: 'noticed' | 'missed' | 'unusable'
  /** The test that noticed it, or why the line says nothing. */
  readonly detail: string
  readonly wallMs: number
}

export interface SabotageOptions {
  readonly root: string
  readonly sabotages: readonly Sabotage[]
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly onVerdict: (verdict: Verdict) => void
}

/** One line after another, on a copy: the workspace itself is only read. */
export async function runSabotages({ root, sabotages, env, signal, onVerdict }: SabotageOptions): Promise<readonly Verdict[]> {
  using copy = await copyWorkspace({ from: root, env, signal })
  const controls = new Map<string, TestOutcome>()
  const verdicts: Verdict[] = []
  for (const sabotage of sabotages) {
    const startedAt = performance.now()
    const judged = await judge({ copy, sabotage, controls, signal })
    const verdict = { sabotage, ...judged, wallMs: performance.now() - startedAt }
    verdicts.push(verdict)
    onVerdict(verdict)
  }
  return verdicts
}

interface Judging {
  readonly copy: WorkspaceCopy
  readonly sabotage: Sabotage
  /** By their tests: how those end on the copy as it is. */
  readonly controls: Map<string, TestOutcome>
  readonly signal: AbortSignal
}

async function judge({ copy, sabotage, controls, signal }: Judging): Promise<Pick<Verdict, 'kind' | 'detail'>> {
  const obstacle = obstacleTo(copy.root, sabotage)
  if (obstacle !== null) return { kind: 'unusable', detail: obstacle }
  const tests = testsOf(sabotage)
  const key = tests.join('\n')
  const control = controls.get(key) ?? (await runTests({ copy, tests, signal }))
  controls.set(key, control)
  if (control.kind !== 'passed')
    return { kind: 'unusable', detail: `without it: ${control.kind === 'failed' ? `fails: ${control.test}` : control.why}` }
  using _applied = applySabotage(copy.root, sabotage)
  const outcome = await runTests({ copy, tests, signal })
  if (outcome.kind === 'failed') return { kind: 'noticed', detail: outcome.test }
  if (outcome.kind === 'broken') return { kind: 'unusable', detail: outcome.why }
  return { kind: 'missed', detail: `all tests of ${tests.join(', ')} pass` }
}
