import { weakenedBetween, type WeakenedReport } from '@coxswain/constraints'
import { protectedPaths, weakenedSettings } from '@coxswain/rules'

/** What a change weakened, in constraints and in the settings of rules, baseline and CI. @throws CoxError REF_UNKNOWN */
export async function weakenedReport(span: {
  readonly root: string
  readonly since?: string
  readonly until?: string
}): Promise<WeakenedReport> {
  return weakenedBetween({ ...span, settings: { paths: [...protectedPaths, '.ci'], weakened: weakenedSettings } })
}
