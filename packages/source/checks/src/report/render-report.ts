import type { CheckReport } from '../check-report.ts'
import { renderGithub } from './render-github.ts'
import { toJsonReport } from './render-json.ts'
import { toSarif } from './render-sarif.ts'
import { renderText } from './render-text.ts'

export type ReportFormat = 'text' | 'json' | 'sarif' | 'github'

export function renderReport(report: CheckReport, format: ReportFormat): string {
  switch (format) {
    case 'text':
      return renderText(report)
    case 'json':
      return JSON.stringify(toJsonReport(report))
    case 'sarif':
      return JSON.stringify(toSarif(report), null, 2)
    case 'github':
      return renderGithub(report)
  }
}
