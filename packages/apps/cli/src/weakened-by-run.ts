import type { WeakenedReport } from '@coxswain/constraints'
import { isCoxError } from '@coxswain/kernel'
import type { Run } from '@coxswain/model'
import { plainBlock } from '@coxswain/terminal'

/** What a run weakened, where it waits because of protected paths; null where nobody has to decide about that. */
export async function weakenedByRun(root: string, run: Run): Promise<WeakenedReport | null> {
  if (run.outcome !== 'protected-path' || run.base === null) return null
  try {
    const { weakenedReport } = await import('./weakened-report.ts')
    return await weakenedReport({ root, since: run.base, until: run.head ?? run.branch })
  } catch (error) {
    if (isCoxError(error, 'REF_UNKNOWN')) return null
    throw error
  }
}

export function renderWeakenedBy({ weakened, declared, exempted }: WeakenedReport): string {
  const all = [...weakened, ...declared]
  const rules =
    all.length === 0
      ? ['Rules: no gate, check, constraint or baseline is weakened by this change; what else it touches is not compared']
      : ['Rules that this change weakens', ...all.map(({ id, kind, detail }) => `  ${id}: ${kind}: ${detail}`)]
  const reasons = exempted.map(({ file, detail, why }) => `  ${file}: ${detail}: ${why}`)
  return plainBlock([...rules, ...(reasons.length === 0 ? [] : ['Exempted, with a reason', ...reasons])].join('\n'))
}
