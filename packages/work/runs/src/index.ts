export { applyIntervention, type InterventionResult } from './interventions.ts'
export { dayBreach } from './day-budget.ts'
export { greenTip, openBaseJudgements } from './judge-base.ts'
export { runLeg, type LegInput } from './run-leg.ts'
export { firstProgress } from './first-progress.ts'
export type { RunProgress, Said } from './run-progress.ts'
export { restWith } from './rest-with.ts'
export type {
  InterruptionRequest,
  LandOutcome,
  LandRequest,
  Places,
  RunControl,
  RunJournal,
  RunRecord,
  RunServices,
} from './services.ts'
export { endWork } from './sessions.ts'
export { openWorktreePool, type WorktreePool } from './worktree-pool.ts'
