import type { CheckReport } from '../check-report.ts'
import type { Finding } from '../finding.ts'
import { whatToRead } from './render-text.ts'

/** SARIF 2.1.0, for code-scanning services and editors. */
export function toSarif(report: CheckReport): Record<string, unknown> {
  const byRule = Map.groupBy(report.findings, (finding) => finding.rule)
  const ids = [...byRule.keys()]
  const rules = [...byRule.values()].flatMap(([first]) => (first === undefined ? [] : [describeRule(first)]))
  const results = report.findings.map((finding) => toResult(finding, ids.indexOf(finding.rule)))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'Coxswain', rules } }, columnKind: 'utf16CodeUnits', results }],
  }
}

/** Only what holds wherever the rule is broken: the ways out of one place are in its result. */
function describeRule(finding: Finding): Record<string, unknown> {
  const why = finding.why || finding.rule
  return {
    id: finding.rule,
    shortDescription: { text: why },
    help: { text: `${why}\nSee ${whatToRead(finding)}` },
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
