import type { CheckReport } from '../check-report.ts'
import type { Finding } from '../finding.ts'

/** SARIF 2.1.0, for code-scanning services and editors. */
export function toSarif(report: CheckReport): Record<string, unknown> {
  const ids = [...new Set(report.findings.map((finding) => finding.rule))]
  const describe = (id: string): Record<string, unknown> => {
    const finding = report.findings.find((entry) => entry.rule === id)
    return {
      id,
      shortDescription: { text: finding?.why ?? id },
      help: { text: `${finding?.fix.join('\n') ?? ''}\nSee ${finding?.see ?? ''}` },
    }
  }
  const driver = { name: 'Coxswain', rules: ids.map(describe) }
  const results = report.findings.map((finding) => toResult(finding, ids.indexOf(finding.rule)))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, columnKind: 'utf16CodeUnits', results }],
  }
}

function toResult(finding: Finding, ruleIndex: number): Record<string, unknown> {
  const uri = finding.file.split('/').map(encodeURIComponent).join('/')
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: finding.severity,
    message: { text: [finding.what, ...finding.fix].join('\n') },
    locations: [
      { physicalLocation: { artifactLocation: { uri }, region: { startLine: finding.line, startColumn: finding.column } } },
    ],
    partialFingerprints: { 'coxswain/v1': finding.fingerprint },
  }
}
