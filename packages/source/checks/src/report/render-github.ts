import type { CheckReport } from '../check-report.ts'
import { closingLine, whatToRead } from './render-text.ts'

/** Workflow commands that GitHub shows beside the lines of a change. */
export function renderGithub(report: CheckReport): string {
  const lines = report.findings.map((finding) => {
    const place = `file=${escapeProperty(finding.file)},line=${finding.line},col=${finding.column},title=${escapeProperty(finding.rule)}`
    const message = [
      finding.what,
      `Why: ${finding.why}`,
      ...finding.fix.map((way) => `Fix: ${way}`),
      `See: ${whatToRead(finding)}`,
    ].join('\n')
    return `::${finding.severity} ${place}::${escapeData(message)}`
  })
  return [...lines, closingLine(report)].join('\n')
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
