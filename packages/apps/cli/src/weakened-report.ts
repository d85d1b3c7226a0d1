import { weakenedBetween, type WeakenedReport } from '@coxswain/constraints'
import { protectedPaths, weakenedSettings } from '@coxswain/rules'
import { configPath, weakenedHarness } from '@coxswain/steering'

/** What a change weakened, in constraints, in the harness file and in the settings of rules, baseline and CI. @throws CoxError REF_UNKNOWN */
export async function weakenedReport(span: {
  readonly root: string
  readonly since?: string
  readonly until?: string
}): Promise<WeakenedReport> {
  return weakenedBetween({ ...span, settings: { paths: [...protectedPaths, '.ci'], weakened } })
}

function weakened(path: string, was: string, now: string | null): readonly string[] {
  return path === configPath && now !== null ? weakenedHarness(was, now) : weakenedSettings(path, was, now)
}
