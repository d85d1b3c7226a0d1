export { applyIntervention, type InterventionResult } from './interventions.ts'
export { dayBreach } from './day-budget.ts'
export type { GateCache } from './gates.ts'
export { openBaseJudgements } from './judge-base.ts'
export { runLeg, type LegInput } from './run-leg.ts'
export { firstProgress } from './run-machine.ts'
export type { RunProgress } from './run-progress.ts'
export type {
  InterruptionRequest,
  LandOutcome,
  LandRequest,
  Message,
  RunControl,
  RunJournal,
  RunRecord,
  RunServices,
} from './services.ts'
export { openWorktreePool, type WorktreePool } from './worktree-pool.ts'
