import type { Finding } from './finding.ts'

export interface CheckReport {
  /** Those that are not in the baseline. */
  readonly findings: readonly Finding[]
  readonly counts: Readonly<Record<string, number>>
  readonly files: number
  readonly packages: number
  /** Folders of packages, declared ones and others; empty for the root. */
  readonly packageFolders: readonly string[]
  readonly lines: number
  /** Estimated from bytes; exact counts are made only where a budget depends on them. */
  readonly tokens: number
  readonly rules: number
  readonly baseline: { readonly known: number; readonly new: number; readonly fixed: number }
  readonly cache: { readonly hits: number; readonly parsed: number; readonly service: boolean }
  readonly wallMs: number
  readonly hasHarness: boolean
  /** Whether any file that was asked for is of a language that rules about code look at. */
  readonly hasSource: boolean
  readonly reportTokens: number
  /** What `--fix` changed. */
  readonly applied: readonly AppliedFix[]
  /** Things a reader should know that are no findings. */
  readonly notes: readonly string[]
}

export interface AppliedFix {
  readonly rule: string
  readonly file: string
  readonly what: string
}

/** 0 clean, 1 findings that count. Errors of the check itself are thrown, and mean 2. */
export function exitCodeOf(report: CheckReport): 0 | 1 {
  return report.findings.some((finding) => finding.severity === 'error') ? 1 : 0
}
