import { weakenedBetween, type WeakenedReport } from '@coxswain/constraints'
import { exemptionsIn, protectedPaths, weakenedSettings } from '@coxswain/rules'
import { configPath, weakenedHarness } from '@coxswain/steering'

/** What a change weakened, in constraints, in the harness file and in the settings of rules, baseline and CI. @throws CoxError REF_UNKNOWN */
export async function weakenedReport(span: {
  readonly root: string
  readonly since?: string
  readonly until?: string
}): Promise<WeakenedReport> {
  const paths = [...protectedPaths, '.ci']
  return weakenedBetween({ ...span, settings: { paths, weakened, mark: 'cox-allow', exemptionsIn } })
}

function weakened(path: string, was: string | null, now: string | null): readonly string[] {
  return path === configPath && was !== null && now !== null ? weakenedHarness(was, now) : weakenedSettings(path, was, now)
}
