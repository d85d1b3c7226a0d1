import type { CheckReport } from '../check-report.ts'
import type { Finding } from '../finding.ts'

/** The report as the command line promises it; internal keys left out. */
export function toJsonReport(report: CheckReport): Record<string, unknown> {
  const { findings, rules, hasHarness, applied, notes, counts, files, packages, lines, tokens, baseline, cache, wallMs } = report
  return {
    findings: findings.map(toJsonFinding),
    counts,
    files,
    packages,
    lines,
    tokens,
    rules,
    baseline,
    cache,
    wallMs,
    hasHarness,
    applied,
    notes,
  }
}

function toJsonFinding(finding: Finding): Record<string, unknown> {
  const { rule, severity, file, line, column, what, why, fix, see, fingerprint } = finding
  return {
    rule,
    severity,
    file,
    line,
    column,
    what,
    why,
    fix,
    see,
    fingerprint,
    fixable: finding.rewrite !== undefined,
    ...(finding.related && { related: finding.related }),
  }
}
