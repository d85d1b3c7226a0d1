import { expect } from 'vitest'
import type { Finding } from './finding.ts'
import { renderFinding } from './report/render-text.ts'
import { runCheck } from './run-check.ts'

/** Files that a source test is about: globs or paths below a folder of the repository. */
export interface SourceSelection {
  readonly paths: readonly string[]
  readonly cwd: string
}

/** `await expect(source('packages/**')).toHaveNoFindings({ rules: ['max-lines'] })` */
export function source(paths: string | readonly string[], cwd = '.'): SourceSelection {
  return { paths: typeof paths === 'string' ? [paths] : paths, cwd }
}

export interface FindingsFilter {
  /** Rule ids; none means all that are configured. */
  readonly rules?: readonly string[]
}

declare module 'vitest' {
  // The name of the type parameter is vitest's own.
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    toHaveNoFindings(filter?: FindingsFilter): Promise<R>
    /** Keeps the parameter in use; never set. */
    readonly sourceOfFindings?: T
  }
}

const mostShown = 5

/** Puts `toHaveNoFindings` among vitest's matchers; called from a set-up file. */
export function extendWithSourceMatchers(): void {
  expect.extend({
    async toHaveNoFindings(received: SourceSelection, filter: FindingsFilter = {}) {
      const findings = await findingsOf(received, filter)
      const shown = findings.slice(0, mostShown).map(renderFinding)
      const more = findings.length > mostShown ? [`and ${findings.length - mostShown} more`] : []
      return {
        pass: findings.length === 0,
        message: () =>
          findings.length === 0
            ? `expected ${received.paths.join(', ')} to have findings`
            : [`${findings.length} findings in ${received.paths.join(', ')}`, ...shown, ...more].join('\n\n'),
      }
    },
  })
}

async function findingsOf({ paths, cwd }: SourceSelection, { rules }: FindingsFilter): Promise<readonly Finding[]> {
  const { default: picomatch } = await import('picomatch')
  const report = await runCheck({ cwd, rules: rules ?? [] })
  const covers = picomatch(
    paths.map((path) => path.replace(/\/$/, '')).flatMap((path) => [path, `${path}/**`]),
    { dot: true },
  )
  return report.findings.filter((finding) => covers(finding.file))
}
