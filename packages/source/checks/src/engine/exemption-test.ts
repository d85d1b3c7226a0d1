import type { Workspace } from '@coxswain/graph'
import picomatch from 'picomatch'
import type { ConfiguredExemption } from '../config/check-config.ts'
import type { Finding } from '../finding.ts'

export interface ExemptionScope {
  readonly workspace: Workspace
  readonly exemptions: readonly ConfiguredExemption[]
  readonly today: string
}

/** Whether a finding is exempted. A comment covers its own line and the next; in the first three lines of a file, all of it. */
export function createExemptionTest({ workspace, exemptions, today }: ExemptionScope): ExemptionTest {
  const configured = exemptions
    .filter((entry) => entry.until >= today)
    .map((entry) => ({ rule: entry.rule, covers: picomatch(entry.files, { dot: true }) }))
  return ({ rule, file, line }) => {
    const inline = (workspace.facts.get(file)?.exemptions ?? []).some(
      (entry) =>
        entry.rule === rule &&
        entry.owner !== null &&
        entry.reason !== null &&
        entry.until !== null &&
        entry.until >= today &&
        (entry.line <= 3 || line === entry.line || line === entry.line + 1),
    )
    return inline || configured.some((entry) => entry.rule === rule && entry.covers(file))
  }
}

export type ExemptionTest = (finding: Pick<Finding, 'rule' | 'file' | 'line'>) => boolean

/** What is in a file for people to see does not end there without a word. */
export function describeEnded({ exemptions, today }: Omit<ExemptionScope, 'workspace'>): string[] {
  return exemptions
    .filter(({ until }) => until < today)
    .map(
      ({ rule, files, owner, until }) =>
        `harness/checks.yaml: the exemption from ${rule} of ${files.join(', ')} by ${owner} ended on ${until}; remove the entry`,
    )
}
